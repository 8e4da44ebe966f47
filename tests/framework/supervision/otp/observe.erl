#!/usr/bin/env escript
%%! +S 1:1 -noinput
%% Plays supervision scripts (scripts.txt says how they are written) on Erlang/OTP's own `supervisor` and prints what was seen.
%%
%%   escript observe.erl scripts.txt >outcomes.txt
%%
%% What is seen comes from the children's lives, not from the supervisor: one process, the diary, hears of every start from whoever
%% starts, who waits until it is written down, and of every end from a monitor. There is one scheduler, so an end is in the diary before
%% the supervisor acts on it. After each event the tree is left alone until it is at rest; nothing waits for a time but the children that
%% are told to be slow.
-module(observe).
-mode(compile).
-export([main/1, init/1, start/1, child/2]).

main([File]) ->
    logger:set_primary_config(level, none),
    {ok, Text} = file:read_file(File),
    io:format("# What the scripts of scripts.txt do on Erlang/OTP ~s, stdlib ~s. Written by `compare --record`; not by hand.~n",
              [erlang:system_info(otp_release), stdlib()]),
    lists:foreach(fun play/1, scripts(string:split(binary_to_list(Text), "\n", all), [])),
    halt(0).

stdlib() ->
    application:load(stdlib),
    {ok, Version} = application:get_key(stdlib, vsn),
    Version.

%% --- reading ---------------------------------------------------------------------------------------------------------

scripts([], Done) -> [{T, lists:reverse(S), lists:reverse(E)} || {T, S, E} <- lists:reverse(Done)];
scripts(["== " ++ Title | Rest], Done) -> scripts(Rest, [{Title, [], []} | Done]);
scripts(["> " ++ Event | Rest], [{T, S, E} | Done]) -> scripts(Rest, [{T, S, [Event | E]} | Done]);
scripts([Line | Rest], Done) ->
    case string:lexemes(Line, " ") of
        [] -> scripts(Rest, Done);
        ["#" ++ _ | _] -> scripts(Rest, Done);
        Words ->
            [{T, S, E} | More] = Done,
            scripts(Rest, [{T, [{length(Line) - length(string:trim(Line, leading)), Words} | S], E} | More])
    end.

tree([]) -> [];
tree([{Indent, Words} | Lines]) ->
    {Below, Rest} = lists:splitwith(fun({I, _}) -> I > Indent end, Lines),
    [spec(Words, tree(Below)) | tree(Rest)].

spec(["child", Name | Options], []) -> #{kind => child, name => list_to_atom(Name), options => options(Options)};
spec(["supervisor", Name, Strategy | Options], Children) ->
    #{kind => supervisor, name => list_to_atom(Name), strategy => list_to_atom(Strategy), options => options(Options),
      children => Children}.

options(Words) -> maps:from_list([option(string:split(W, "=")) || W <- Words]).
option(["significant"]) -> {significant, true};
option([Type]) -> {restart, list_to_atom(Type)};
option(["shutdown", "infinity"]) -> {shutdown, infinity};
option(["shutdown", "brutal_kill"]) -> {shutdown, brutal_kill};
option(["shutdown", Time]) -> {shutdown, milliseconds(Time)};
option(["ends_after", Time]) -> {ends_after, milliseconds(Time)};
option(["auto_shutdown", When]) -> {auto_shutdown, list_to_atom(When)};
option(["intensity", Value]) ->
    [Restarts, Within] = string:split(Value, "/"),
    {intensity, {list_to_integer(Restarts), milliseconds(Within) div 1000}};
option(["fails", Value]) ->
    case string:split(Value, "..") of
        [Only] -> {fails, {list_to_integer(Only), list_to_integer(Only)}};
        [From, ""] -> {fails, {list_to_integer(From), infinity}};  % an atom is greater than any number
        [From, To] -> {fails, {list_to_integer(From), list_to_integer(To)}}
    end.

milliseconds(Text) ->
    case string:to_integer(Text) of
        {N, "ms"} -> N;
        {N, "s"} -> N * 1000
    end.

%% --- playing ---------------------------------------------------------------------------------------------------------

play({Title, Lines, Events}) ->
    io:format("~n== ~s~n", [Title]),
    [Root] = tree(Lines),
    {Diary, _} = spawn_monitor(fun() -> register(diary, self()), diary(#{lines => [], alive => #{}, tries => #{}, waiting => []}) end),
    {Player, _} = spawn_monitor(fun() -> process_flag(trap_exit, true), perform(Root, Events) end),
    receive
        {'DOWN', _, process, Player, Why} -> Why =:= normal orelse begin io:format("the player failed: ~p~n", [Why]), halt(1) end
    end,
    exit(Diary, kill),
    receive {'DOWN', _, process, Diary, _} -> ok end.

perform(Root, Events) ->
    note_owners(Root),
    start(Root),
    rest(Root, []),
    lists:foreach(fun(Line) ->
                          io:format("> ~s~n", [Line]),
                          rest(Root, events([string:lexemes(E, " ") || E <- string:split(Line, " and ", all)], Root))
                  end, Events),
    [begin exit(P, shutdown), receive {'EXIT', P, _} -> ok end end || P <- [pid(maps:get(name, Root))], P =/= none].

note_owners(#{kind := supervisor, children := Children} = Owner) ->
    [begin put({owner, maps:get(name, C)}, Owner), note_owners(C) end || C <- Children];
note_owners(_) -> ok.
owner(Name) -> get({owner, list_to_atom(Name)}).

%% What one line says has all happened before a supervisor learns of any of it. The answers, in order.
events([["shutdown"]], #{name := Name}) ->
    Pid = pid(Name),
    exit(Pid, shutdown),
    ask({gone, Pid}),
    [];
events([["pass", Time]], _) ->
    timer:sleep(milliseconds(Time)),
    [];
events(Together, Root) ->
    Supervisors = [P || #{name := N} <- supervisors(Root), P <- [pid(N)], P =/= none],
    [sys:suspend(P) || P <- Supervisors],
    Asked = [event(E, Root) || E <- Together],
    [catch sys:resume(P) || P <- Supervisors],  % it may end of what it learns
    [receive {'DOWN', _, process, Asker, {answer, A}} -> say(A); {'DOWN', _, process, Asker, _} -> "gone" end
     || Asker <- Asked, Asker =/= none].

event(["exit", Name, Reason], _) ->
    leave(list_to_atom(Name), Reason),
    none;
event(["start", Name, "child", Child | Options], Root) ->
    [#{strategy := Strategy} = Owner] = [S || S <- supervisors(Root), maps:get(name, S) =:= list_to_atom(Name)],
    New = spec(["child", Child | Options], []),
    put({owner, maps:get(name, New)}, Owner),
    command(start_child, Owner, case Strategy of simple_one_for_one -> [New#{kind => pooled}]; _ -> child_spec(New) end);
event(["terminate", Name], _) ->
    #{strategy := Strategy} = Owner = owner(Name),
    command(terminate_child, Owner, case Strategy of simple_one_for_one -> pid(list_to_atom(Name)); _ -> list_to_atom(Name) end);
event(["restart", Name], _) -> command(restart_child, owner(Name), list_to_atom(Name));
event(["delete", Name], _) -> command(delete_child, owner(Name), list_to_atom(Name)).

%% Returns when the question is in the supervisor's mailbox.
command(What, #{name := Owner}, Argument) ->
    Pid = pid(Owner),
    Before = waiting(Pid),
    {Asker, _} = spawn_monitor(fun() -> exit({answer, supervisor:What(Pid, Argument)}) end),
    until(fun() -> waiting(Pid) =:= none orelse waiting(Pid) > Before end),
    Asker.
waiting(none) -> none;
waiting(Pid) ->
    case process_info(Pid, message_queue_len) of
        {_, N} -> N;
        undefined -> none
    end.
until(Condition) -> Condition() orelse begin erlang:yield(), until(Condition) end.

leave(Name, "kill") ->
    Pid = pid(Name),
    exit(Pid, kill),
    ask({gone, Pid});
leave(Name, Reason) ->
    {ok, Tokens, _} = erl_scan:string(Reason ++ "."),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Pid = pid(Name),
    Pid ! {leave, Term},
    ask({gone, Pid}).

say(ok) -> "ok";
say({ok, _}) -> "ok";
say({error, {already_started, _}}) -> "already_started";
say({error, Why}) when Why =:= running; Why =:= restarting; Why =:= not_found; Why =:= already_present -> atom_to_list(Why);
say({error, _}) -> "refused".

%% --- the tree --------------------------------------------------------------------------------------------------------

supervisors(#{kind := child}) -> [];
supervisors(#{children := Children} = S) -> [S | lists:append([supervisors(C) || C <- Children])].

%% A supervisor's start function: of children and of supervisors, in the process that starts them.
start(#{kind := supervisor, name := Name} = Spec) -> started(Name, supervisor, supervisor:start_link(?MODULE, Spec));
start(#{kind := Kind, name := Name, options := Options}) ->
    {First, Last} = maps:get(fails, Options, {0, 0}),
    N = ask({try_of, Name}),
    started(Name, Kind, proc_lib:start_link(?MODULE, child, [Options, N >= First andalso N =< Last])).

started(Name, Kind, {ok, Pid}) -> ask({started, Name, Kind, Pid}), {ok, Pid};
started(Name, _, Error) -> ask({failed, Name}), Error.

init(#{strategy := Strategy, options := Options, children := Children}) ->
    {Restarts, Within} = maps:get(intensity, Options, {10, 10}),
    {ok, {#{strategy => Strategy, intensity => Restarts, period => Within, auto_shutdown => maps:get(auto_shutdown, Options, never)},
          [case Strategy of
               simple_one_for_one -> (child_spec(C))#{start => {?MODULE, start, []}};
               _ -> child_spec(C)
           end || C <- Children]}}.

child_spec(#{kind := Kind, name := Name, options := Options} = Spec) ->
    #{id => Name,
      start => {?MODULE, start, [Spec]},
      restart => maps:get(restart, Options, permanent),
      significant => maps:get(significant, Options, false),
      type => case Kind of child -> worker; supervisor -> supervisor end,
      shutdown => maps:get(shutdown, Options, case Kind of child -> 5000; supervisor -> infinity end)}.

child(_, true) -> exit(can_not_start);
child(Options, false) ->
    case Options of
        #{ends_after := Time} -> process_flag(trap_exit, true), proc_lib:init_ack({ok, self()}), live(Time);
        _ -> proc_lib:init_ack({ok, self()}), live(none)
    end.
live(Slow) ->
    receive
        {leave, Reason} -> exit(Reason);
        {'EXIT', _, Reason} -> timer:sleep(Slow), exit(Reason)
    end.

%% At rest: no messages wait, nobody is being restarted, and nothing was written twice in a row.
rest(Root, Answers) ->
    Before = ask({length}),
    Quiet = is_quiet(Root, pid(maps:get(name, Root))),
    case Quiet andalso is_quiet(Root, pid(maps:get(name, Root))) andalso ask({length}) =:= Before of
        true ->
            ask({print}),
            [io:format("answer: ~s~n", [A]) || A <- Answers],
            io:format("= ~s~n", [state(Root, pid(maps:get(name, Root)))]);
        false ->
            erlang:yield(),
            rest(Root, Answers)
    end.

is_quiet(_, none) -> true;
is_quiet(#{kind := child}, _) -> true;
is_quiet(#{children := Children}, Pid) ->
    case catch supervisor:which_children(Pid) of
        {'EXIT', _} -> false;
        All ->
            erlang:process_info(Pid, message_queue_len) =:= {message_queue_len, 0} andalso
            [x || {_, restarting, _, _} <- All] =:= [] andalso
            lists:all(fun(#{name := N} = C) ->
                              case lists:keyfind(N, 1, All) of
                                  {N, P, supervisor, _} when is_pid(P) -> is_quiet(C, P);
                                  _ -> true
                              end
                      end, Children)
    end.

state(#{name := Name}, none) -> io_lib:format("~s ended", [Name]);
state(#{kind := supervisor, strategy := simple_one_for_one, name := Name}, Pid) ->
    Alive = ask({names}),
    Names = lists:sort([maps:get(P, Alive) || {_, P, _, _} <- supervisor:which_children(Pid)]),
    io_lib:format("~s(~s)", [Name, lists:join(" ", [[atom_to_list(N), " up"] || N <- Names])]);
state(#{kind := supervisor, name := Name, children := Children}, Pid) ->
    All = lists:reverse(supervisor:which_children(Pid)),
    io_lib:format("~s(~s)", [Name, lists:join(" ", [child_state(Child, Children) || Child <- All])]).

child_state({Name, undefined, _, _}, _) -> io_lib:format("~s down", [Name]);
child_state({Name, Pid, supervisor, _}, Specs) -> state(hd([S || #{name := N} = S <- Specs, N =:= Name]), Pid);
child_state({Name, _, worker, _}, _) -> io_lib:format("~s up", [Name]).

%% --- the diary -------------------------------------------------------------------------------------------------------

ask(What) ->
    Ref = monitor(process, diary),
    diary ! {What, self(), Ref},
    receive {Ref, Answer} -> demonitor(Ref, [flush]), Answer end.

pid(Name) ->
    case [P || {P, N} <- maps:to_list(ask({names})), N =:= Name] of
        [] -> none;
        [Pid] -> Pid
    end.

diary(#{lines := Lines, alive := Alive, tries := Tries, waiting := Waiting} = State) ->
    receive
        {'DOWN', _, process, Pid, Reason} ->
            {Here, Others} = lists:partition(fun({P, _, _}) -> P =:= Pid end, Waiting),
            [From ! {Ref, ok} || {_, From, Ref} <- Here],
            {Name, Kind} = maps:get(Pid, Alive),
            diary(State#{lines := [{stopped, Kind, [atom_to_list(Name), io_lib:format(" ~w", [Reason])]} | Lines],
                         alive := maps:remove(Pid, Alive), waiting := Others});
        {{gone, Pid}, From, Ref} when is_map_key(Pid, Alive) -> diary(State#{waiting := [{Pid, From, Ref} | Waiting]});
        {Question, From, Ref} ->
            {Answer, Next} =
                case Question of
                    {started, Name, Kind, Pid} ->
                        monitor(process, Pid),
                        {ok, State#{lines := [{started, Kind, atom_to_list(Name)} | Lines], alive := Alive#{Pid => {Name, Kind}}}};
                    {failed, Name} -> {ok, State#{lines := [{failed, child, atom_to_list(Name)} | Lines]}};
                    {try_of, Name} ->
                        N = maps:get(Name, Tries, 0) + 1,
                        {N, State#{tries := Tries#{Name => N}}};
                    {gone, _} -> {ok, State};
                    {names} -> {maps:map(fun(_, {Name, _}) -> Name end, Alive), State};
                    {length} -> {length(Lines), State};
                    {print} ->
                        [io:format("~s ~s~n", [What, Who]) || {What, _, Who} <- in_order(lists:reverse(Lines))],
                        {ok, State#{lines := []}}
                end,
            From ! {Ref, Answer},
            diary(Next)
    end.

%% A pool ends its children together: in which order they go is chance, so they are listed by name.
in_order([{stopped, pooled, _} | _] = Lines) ->
    {Together, Rest} = lists:splitwith(fun({What, Kind, _}) -> What =:= stopped andalso Kind =:= pooled end, Lines),
    lists:sort(fun({_, _, A}, {_, _, B}) -> lists:flatten(A) =< lists:flatten(B) end, Together) ++ in_order(Rest);
in_order([Line | Rest]) -> [Line | in_order(Rest)];
in_order([]) -> [].
