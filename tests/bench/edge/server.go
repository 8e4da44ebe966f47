// The sample shop's two routes as one writes them with net/http: each request decodes and encodes JSON, and nothing is stored.
//
//	server PORT PRODUCT ORDER
//
// The product and the order's reply are files with what the shop answered; their members are read into structs at the start.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
)

type money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

type product struct {
	Sku     string `json:"sku"`
	Name    string `json:"name"`
	Price   money  `json:"price"`
	Stocked bool   `json:"stocked"`
}

type lineRequest struct {
	Line     int    `json:"line"`
	Sku      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

type checkout struct {
	Lines []lineRequest `json:"lines"`
}

type rejectedLine struct {
	Line       int    `json:"line"`
	Reason     string `json:"reason"`
	ValueMinor int64  `json:"value_minor"`
}

type orderReply struct {
	ID            string         `json:"id"`
	Status        string         `json:"status"`
	Total         money          `json:"total"`
	AcceptedLines int            `json:"accepted_lines"`
	Rejected      []rejectedLine `json:"rejected"`
}

func read(file string, into interface{}) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func answer(w http.ResponseWriter, status int, value interface{}) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: server PORT PRODUCT ORDER")
	}
	var listed product
	var placed orderReply
	read(os.Args[2], &listed)
	read(os.Args[3], &placed)
	products := map[string]product{listed.Sku: listed}
	http.HandleFunc("/products/", func(w http.ResponseWriter, r *http.Request) {
		found, ok := products[strings.TrimPrefix(r.URL.Path, "/products/")]
		if r.Method != http.MethodGet || !ok {
			http.NotFound(w, r)
			return
		}
		answer(w, http.StatusOK, found)
	})
	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		var order checkout
		if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&order) != nil {
			http.Error(w, "not an order", http.StatusBadRequest)
			return
		}
		reply := placed
		reply.AcceptedLines = len(order.Lines)
		answer(w, http.StatusCreated, reply)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
