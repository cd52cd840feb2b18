---- MODULE Lake ----
(* One key of a customer in one stage, from its messages to its last row.

   Versions 1..V of the key: a higher number is a newer version. Each has one message in the work queue, and messages
   come twice. Workers read the item of a version, claim it by a conditional write, enter it in the item #latest, look
   at the output, write it in the state that they saw, commit under their lease, mark what they replaced, and delete the
   message. They die between any two steps, and leases end under workers that still live. A conversion fails, is tried
   again, is given up into the dead-letter queue, and is redriven.

   Each guard of the code is `Guarded(name, condition)`. With the constant Broken it is left out, and TLC has to find
   what goes wrong: test_model.py names the place of each guard in the code. *)
EXTENDS Naturals, FiniteSets
CONSTANTS V, Workers, MaxAttempts, Crashes, Expiries, Duplicates, Failures, Redrives, Broken
VARIABLES queue, dead, item, latest, out, worker, left
vars == <<queue, dead, item, latest, out, worker, left>>

Versions == 1..V
Kinds == {"sent", "redriven"}
NoOne == [pc |-> "idle", v |-> 1, kind |-> "sent", seen |-> "none", lease |-> 0, isFirst |-> FALSE, etag |-> 0,
          replaces |-> FALSE, ends |-> "none"]
Guarded(name, condition) == Broken = name \/ condition
Over == {"succeeded", "superseded"}

Init == /\ queue = [v \in Versions |-> [k \in Kinds |-> IF k = "sent" THEN 1 ELSE 0]]
        /\ dead = [v \in Versions |-> 0]
        /\ item = [v \in Versions |-> [status |-> "none", lease |-> 0, attempts |-> 0, ended |-> FALSE]]
        /\ latest = {}
        /\ out = [source |-> 0, etag |-> 0]
        /\ worker = [w \in Workers |-> NoOne]
        /\ left = [crashes |-> Crashes, expiries |-> Expiries, duplicates |-> Duplicates, failures |-> Failures,
                   redrives |-> Redrives]

Become(w, changes) == worker' = [worker EXCEPT ![w] = changes]
At(w, pc) == worker[w].pc = pc

(* What the item of a version says to a message: claims.decide. *)
Decide(v, kind) ==
  LET known == item[v] IN
  CASE known.status = "none" -> "take"
    [] known.status = "processing" -> IF known.ended THEN "take" ELSE "held"
    [] known.status = "retrying" -> "take"
    [] known.status = "failed" -> IF Guarded("asked", kind = "redriven") THEN "take" ELSE "give up"
    [] known.status = "succeeded" -> IF Broken = "finish" THEN "delete" ELSE "replace"
    [] OTHER -> "delete"

Read(w) == /\ At(w, "idle")
           /\ \E v \in Versions, kind \in Kinds :
                /\ queue[v][kind] > 0
                /\ Decide(v, kind) # "held"
                /\ Become(w, [NoOne EXCEPT !.pc = Decide(v, kind), !.v = v, !.kind = kind, !.seen = item[v]])
           /\ UNCHANGED <<queue, dead, item, latest, out, left>>

Claim(w) == /\ At(w, "take")
            /\ LET me == worker[w]  known == item[me.v] IN
               IF Guarded("claim", known = me.seen)
               THEN /\ item' = [item EXCEPT ![me.v] =
                         [status |-> "processing", lease |-> known.lease + 1, ended |-> FALSE,
                          attempts |-> IF known.status = "failed" THEN 0 ELSE known.attempts]]
                    /\ Become(w, [me EXCEPT !.pc = "register", !.lease = known.lease + 1, !.seen = "none",
                                            !.isFirst = (known.status = "none")])
               ELSE Become(w, NoOne) /\ UNCHANGED item
            /\ UNCHANGED <<queue, dead, latest, out, left>>

(* Latest.register: the others of the list decide whether a look is needed, and what is replaced after the commit. *)
Register(w) == /\ At(w, "register")
               /\ LET me == worker[w]  others == latest \ {me.v} IN
                  /\ latest' = IF Broken = "register" THEN latest ELSE latest \union {me.v}
                  /\ Become(w, [me EXCEPT !.pc = IF me.isFirst /\ others = {} THEN "write" ELSE "look",
                                          !.replaces = (others # {})])
               /\ UNCHANGED <<queue, dead, item, out, left>>

Look(w) == /\ At(w, "look")
           /\ LET me == worker[w]  seen == [me EXCEPT !.etag = out.etag, !.replaces = @ \/ out.source # 0] IN
              Become(w, IF out.source = me.v THEN [seen EXCEPT !.pc = "commit", !.ends = "succeeded"]
                        ELSE IF out.source > me.v /\ Broken # "newer"
                        THEN [seen EXCEPT !.pc = "commit", !.ends = "superseded"]
                        ELSE [seen EXCEPT !.pc = "write"])
           /\ UNCHANGED <<queue, dead, item, latest, out, left>>

Fail(w) == /\ At(w, "write") /\ left.failures > 0
           /\ LET me == worker[w] IN
              Become(w, [me EXCEPT !.pc = "commit",
                                   !.ends = IF item[me.v].attempts + 1 >= MaxAttempts THEN "failed" ELSE "retrying"])
           /\ left' = [left EXCEPT !.failures = @ - 1]
           /\ UNCHANGED <<queue, dead, item, latest, out>>

(* If-Match, or If-None-Match for an output that was not there: etag 0. *)
Write(w) == /\ At(w, "write")
            /\ LET me == worker[w] IN
               IF Guarded("match", out.etag = me.etag)
               THEN /\ out' = [source |-> me.v, etag |-> out.etag + 1]
                    /\ Become(w, [me EXCEPT !.pc = "commit", !.ends = "succeeded"])
               ELSE Become(w, [me EXCEPT !.pc = "look"]) /\ UNCHANGED out
            /\ UNCHANGED <<queue, dead, item, latest, left>>

Next(ends) == CASE ends = "succeeded" -> "replace" [] ends = "superseded" -> "delete" [] ends = "failed" -> "give up"
                [] OTHER -> IF Broken = "retry" THEN "delete" ELSE "idle"

Commit(w) == /\ At(w, "commit")
             /\ LET me == worker[w]  known == item[me.v]
                    isMine == known.status = "processing" /\ known.lease = me.lease IN
                IF Guarded("lease", isMine)
                THEN /\ item' = [item EXCEPT ![me.v].status = me.ends, ![me.v].attempts = @ + 1]
                     /\ LET next == IF me.ends = "succeeded" /\ ~me.replaces THEN "delete" ELSE Next(me.ends) IN
                        Become(w, IF next = "idle" THEN NoOne ELSE [me EXCEPT !.pc = next])
                ELSE Become(w, NoOne) /\ UNCHANGED item
             /\ UNCHANGED <<queue, dead, latest, out, left>>

(* Latest.replace_older: one write for each older version, then one for the list. *)
Replace(w) == /\ At(w, "replace")
              /\ LET me == worker[w]  older == {v \in latest : v < me.v} IN
                 IF \E v \in older : item[v].status # "superseded"
                 THEN /\ \E v \in older : /\ item[v].status # "superseded"
                                          /\ item' = [item EXCEPT ![v].status = "superseded"]
                      /\ UNCHANGED <<latest, worker>>
                 ELSE /\ latest' = latest \ older
                      /\ Become(w, [me EXCEPT !.pc = "delete"])
                      /\ UNCHANGED item
              /\ UNCHANGED <<queue, dead, out, left>>

Delete(w) == /\ At(w, "delete")
             /\ LET me == worker[w] IN
                /\ queue' = [queue EXCEPT ![me.v][me.kind] = IF @ > 0 THEN @ - 1 ELSE 0]
                /\ Become(w, IF me.ends = "send" THEN [me EXCEPT !.pc = "send"] ELSE NoOne)
             /\ UNCHANGED <<dead, item, latest, out, left>>

(* The dead letter is sent before the message is deleted. *)
GiveUp(w) == /\ At(w, "give up")
             /\ IF Broken = "dead letter" THEN Become(w, [worker[w] EXCEPT !.pc = "delete", !.ends = "send"])
                ELSE Become(w, [worker[w] EXCEPT !.pc = "send", !.ends = "delete"])
             /\ UNCHANGED <<queue, dead, item, latest, out, left>>
Send(w) == /\ At(w, "send")
           /\ dead' = [dead EXCEPT ![worker[w].v] = 1]
           /\ Become(w, IF worker[w].ends = "send" THEN NoOne ELSE [worker[w] EXCEPT !.pc = "delete"])
           /\ UNCHANGED <<queue, item, latest, out, left>>

Crash(w) == /\ ~At(w, "idle") /\ left.crashes > 0
            /\ Become(w, NoOne)
            /\ left' = [left EXCEPT !.crashes = @ - 1]
            /\ UNCHANGED <<queue, dead, item, latest, out>>

IsHeld(v) == \E w \in Workers : worker[w].v = v /\ worker[w].lease = item[v].lease /\ ~At(w, "idle")
(* A lease ends under a worker that lives, or at last under one that died. *)
Expire(v) == /\ item[v].status = "processing" /\ ~item[v].ended /\ IsHeld(v) /\ left.expiries > 0
             /\ item' = [item EXCEPT ![v].ended = TRUE]
             /\ left' = [left EXCEPT !.expiries = @ - 1]
             /\ UNCHANGED <<queue, dead, latest, out, worker>>
Abandoned(v) == /\ item[v].status = "processing" /\ ~item[v].ended /\ ~IsHeld(v)
                /\ item' = [item EXCEPT ![v].ended = TRUE]
                /\ UNCHANGED <<queue, dead, latest, out, worker, left>>

Duplicate(v) == /\ queue[v]["sent"] > 0 /\ left.duplicates > 0
                /\ queue' = [queue EXCEPT ![v]["sent"] = @ + 1]
                /\ left' = [left EXCEPT !.duplicates = @ - 1]
                /\ UNCHANGED <<dead, item, latest, out, worker>>
Redrive(v) == /\ dead[v] > 0 /\ left.redrives > 0
              /\ dead' = [dead EXCEPT ![v] = 0]
              /\ queue' = [queue EXCEPT ![v]["redriven"] = @ + 1]
              /\ left' = [left EXCEPT !.redrives = @ - 1]
              /\ UNCHANGED <<item, latest, out, worker>>

Work(w) == \/ Read(w) \/ Claim(w) \/ Register(w) \/ Look(w) \/ Write(w) \/ Commit(w) \/ Replace(w) \/ Delete(w)
           \/ GiveUp(w) \/ Send(w)
Step == \/ \E w \in Workers : Work(w) \/ Fail(w) \/ Crash(w)
        \/ \E v \in Versions : Expire(v) \/ Abandoned(v) \/ Duplicate(v) \/ Redrive(v)
Spec == /\ Init /\ [][Step]_vars
        /\ \A w \in Workers : WF_vars(Work(w))
        /\ \A v \in Versions : WF_vars(Abandoned(v))

IsDrained == \A v \in Versions, kind \in Kinds : queue[v][kind] = 0
IsQuiet == IsDrained /\ \A w \in Workers : At(w, "idle")

(* No version is lost: as long as it is not over, a message asks for it. *)
NoVersionIsLost == \A v \in Versions :
  \/ item[v].status \in Over
  \/ \E kind \in Kinds : queue[v][kind] > 0
  \/ item[v].status = "failed" /\ dead[v] > 0
(* The item tells the truth about the rows. *)
ItemsAreTrue == \A v \in Versions : /\ item[v].status = "succeeded" => out.source >= v
                                    /\ item[v].status = "superseded" => out.source > v
(* Rows never go back to those of an older version. *)
NoStaleOutput == [][out'.source >= out.source]_out
(* What was given up is tried again only if somebody asks for it. *)
GivenUpRests == [][\A v \in Versions : item[v].status = "failed" /\ item'[v].status = "processing"
                     => queue[v]["redriven"] > 0]_vars
(* In the end, the rows are those of the newest version that could be converted, and every item says so. *)
EndsRight == IsQuiet => \A v \in Versions :
  CASE v = out.source -> item[v].status = "succeeded"
    [] v < out.source -> item[v].status \in {"superseded", "failed"}
    [] OTHER -> item[v].status = "failed"
(* Every message ends. *)
EveryMessageEnds == <>[]IsDrained
====
