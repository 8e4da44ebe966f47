#!/usr/bin/env escript
%%! -noinput +S 1:1
%% Erlang/OTP's side of bench_supervision: a real `supervisor` and gen_servers. Prints what one measurement took, in microseconds.
%%
%%   escript erlang_supervision.erl polled|told|one_for_all SAMPLES
%%
%% One scheduler, because that is Erlang's best here: nothing can be done at the same time. Nothing is logged. A supervisor is replaced
%% after 200 crashes, because OTP keeps every restart of the last second in a list and walks it at each restart: nobody has more of them,
%% and the walk would be most of what is measured.
-module(erlang_supervision).
-mode(compile).
-behaviour(supervisor).
-export([main/1, init/1, handle_call/3, handle_cast/2, start_child/2]).

main([What, Samples]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Measure = case What of
                  "polled" -> fun polled/1;
                  "told" -> fun told/1;
                  "one_for_all" -> fun one_for_all/1
              end,
    Measure(20),  % warms up
    [io:format("~.2f~n", [T / 1000]) || T <- many(Measure, list_to_integer(Samples))],
    halt(0).

many(_, Left) when Left =< 0 -> [];
many(Measure, Left) -> Measure(min(Left, 200)) ++ many(Measure, Left - 200).

%% A crash, then a call as soon as the registered name is somebody else's.
polled(N) ->
    Top = start(one_for_one, 1, none),
    Times = [begin
                 Old = whereis(child_1),
                 From = now_ns(),
                 gen_server:cast(Old, crash),
                 pong = gen_server:call(await_other(child_1, Old), ping),
                 now_ns() - From
             end || _ <- lists:seq(1, N)],
    stop(Top),
    Times.

await_other(Name, Old) ->
    case whereis(Name) of
        Pid when is_pid(Pid), Pid =/= Old -> Pid;
        _ -> erlang:yield(), await_other(Name, Old)
    end.

%% A crash, then a call as soon as the new process says that it is there.
told(N) ->
    Top = start(one_for_one, 1, self()),
    [Pid] = born(1),
    {Times, _} = lists:mapfoldl(fun(_, Old) ->
                                        From = now_ns(),
                                        gen_server:cast(Old, crash),
                                        [New] = born(1),
                                        pong = gen_server:call(New, ping),
                                        {now_ns() - From, New}
                                end, Pid, lists:seq(1, N)),
    stop(Top),
    Times.

one_for_all(N) ->
    Top = start(one_for_all, 100, self()),
    born(100),
    Times = [begin
                 From = now_ns(),
                 gen_server:cast(name(I * 37 rem 100 + 1), crash),
                 born(100),
                 now_ns() - From
             end || I <- lists:seq(1, N)],
    stop(Top),
    Times.

born(0) -> [];
born(N) -> receive {born, Pid} -> [Pid | born(N - 1)] end.

now_ns() -> erlang:monotonic_time(nanosecond).
name(I) -> list_to_atom("child_" ++ integer_to_list(I)).

start(Strategy, Children, Observer) ->
    {ok, Top} = supervisor:start_link(?MODULE, {top, Strategy, Children, Observer}),
    Top.
stop(Top) ->
    exit(Top, shutdown),
    receive {'EXIT', Top, _} -> ok end.

start_child(Name, Observer) -> gen_server:start_link({local, Name}, ?MODULE, {child, Observer}, []).

init({top, Strategy, Children, Observer}) ->
    {ok, {#{strategy => Strategy, intensity => 1000000, period => 1},
          [#{id => I, start => {?MODULE, start_child, [name(I), Observer]}} || I <- lists:seq(1, Children)]}};
init({child, none}) -> {ok, 0};
init({child, Observer}) -> Observer ! {born, self()}, {ok, 0}.

handle_call(ping, _, Sum) -> {reply, pong, Sum}.
handle_cast(crash, _) -> error(crash).
