package dev.hark.app.crash;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Block.Closed;
import dev.hark.app.crash.History.Block.Delivered;
import dev.hark.app.crash.History.Block.Gap;
import dev.hark.app.crash.History.Block.Opened;
import dev.hark.app.crash.History.Block.Position;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Right;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.SimulatedRun.Stream;
import dev.hark.event.EventId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A fault to put into a clean history, and what it must be called. Stateless. */
public enum Plant {
    ACKNOWLEDGED_BEFORE_IT_WAS_STORED(Verdict.Lost.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Acknowledged event = pick(random, acknowledged(run));
            everywhere(run).forEach(stream -> stream.blocks.removeIf(block -> holds(block, event.sent())));
            return true;
        }
    },
    DELIVERED_AND_FORGOTTEN(Verdict.Lost.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Acknowledged event = pick(random, acknowledged(run));
            return run.readBack.blocks.removeIf(block -> holds(block, event.sent()));
        }
    },
    PASSED_OVER(Verdict.Undelivered.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            return places(stream, block -> block instanceof Delivered).stream().anyMatch(at -> stream.blocks.remove((int) at) != null);
        }
    },
    REPLAY_BEGINS_ONE_TOO_LATE(Verdict.Undelivered.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atSeam(run, random, (blocks, at) -> {
                Delivered first = (Delivered) blocks.remove(at + 1);
                blocks.set(at, new Position(first.id()));
            });
        }
    },
    REPLAY_BEGINS_ONE_TOO_EARLY(Verdict.DeliveredTwice.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atSeam(run, random, (blocks, at) -> blocks.add(at + 1, blocks.get(lastBefore(blocks, at))));
        }
    },
    WRITTEN_TWICE(Verdict.DeliveredTwice.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atDelivery(run, random, (blocks, at) -> blocks.add(at, blocks.get(at)));
        }
    },
    SWAPPED(Verdict.DeliveredOutOfOrder.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            List<Integer> places = places(stream, block -> block instanceof Delivered).stream()
                    .filter(at -> at + 1 < stream.blocks.size() && stream.blocks.get(at + 1) instanceof Delivered)
                    .toList();
            if (places.isEmpty()) {
                return false;
            }
            int at = pick(random, places);
            stream.blocks.add(at, stream.blocks.remove(at + 1));
            return true;
        }
    },
    AN_ID_GOES_BACK(Verdict.DeliveredOutOfOrder.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atDelivery(run, random, (blocks, at) -> {
                EventId id = ((Delivered) blocks.get(at)).id();
                blocks.add(at + 1, new Position(new EventId(id.epoch(), id.sequence() - 1)));
            });
        }
    },
    ANOTHER_PAYLOAD(Verdict.Corrupted.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atDelivery(run, random, (blocks, at) -> {
                Delivered block = (Delivered) blocks.get(at);
                blocks.set(at, new Delivered(block.id(), block.data() + '?'));
            });
        }
    },
    ANOTHER_PAYLOAD_IN_THE_LOG(Verdict.Corrupted.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            int at = pick(random, places(run.readBack, block -> block instanceof Delivered));
            Delivered block = (Delivered) run.readBack.blocks.get(at);
            run.readBack.blocks.set(at, new Delivered(block.id(), "rubbish"));
            return true;
        }
    },
    /** A crash takes an event away, and its number goes to a later one; who had the first is told of neither. */
    A_NUMBER_USED_AGAIN(Verdict.Reused.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            List<Acknowledged> all = acknowledged(run);
            Acknowledged first = pick(random, all);
            List<Acknowledged> later = all.stream()
                    .filter(event -> event.id().sequence() > first.id().sequence() && event.sent().topic().equals(first.sent().topic()))
                    .filter(event -> !isInGap(run, event.sent()))
                    .toList();
            if (later.isEmpty()) {
                return false;
            }
            Acknowledged second = pick(random, later);
            everywhere(run).forEach(stream -> stream.blocks.removeIf(block -> holds(block, second.sent())));
            run.readBack.blocks.replaceAll(block -> holds(block, first.sent()) ? new Delivered(first.id(), second.sent().data()) : block);
            run.attempts.replaceAll(attempt -> renumbered(attempt, Map.of(second.id(), first.id())));
            return true;
        }
    },
    A_KEY_FORGOTTEN(Verdict.StoredTwice.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Sent sent = pick(random, acknowledged(run)).sent();
            EventId id = SimulatedRun.id(run.log.lastKey() + 1);
            everywhere(run).stream().filter(stream -> stream.follows(sent))
                    .forEach(stream -> stream.blocks.add(new Delivered(id, sent.data())));
            return true;
        }
    },
    A_LATER_ONE_BEFORE_AN_EARLIER_ONE(Verdict.StoredOutOfOrder.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            List<Acknowledged> all = acknowledged(run).stream().filter(event -> isSentOnce(run, event)).toList();
            for (Acknowledged first : all) {
                for (Acknowledged second : all) {
                    if (first.ended() < second.began()
                            && first.sent().topic().equals(second.sent().topic())
                            && second.id().sequence() == first.id().sequence() + 1
                            && !endsBetween(run, first.began(), second.began())) {
                        run.attempts.replaceAll(attempt -> renumbered(attempt, Map.of(first.id(), second.id(), second.id(), first.id())));
                        everywhere(run).forEach(stream -> stream.blocks.replaceAll(block -> {
                            if (holds(block, first.sent())) {
                                return new Delivered(first.id(), second.sent().data());
                            }
                            return holds(block, second.sent()) ? new Delivered(second.id(), first.sent().data()) : block;
                        }));
                        return true;
                    }
                }
            }
            return false;
        }
    },
    HALF_A_BATCH(Verdict.TornBatch.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            for (Attempt attempt : run.attempts) {
                Sent first = attempt.events().getFirst();
                if (attempt.outcome() instanceof Outcome.Unknown
                        && attempt.events().size() > 1
                        && first.key() == null
                        && run.log.containsValue(first)
                        && !isInGap(run, first)) {
                    everywhere(run).forEach(stream -> stream.blocks.removeIf(block -> holds(block, first)));
                    return true;
                }
            }
            return false;
        }
    },
    REFUSED_AND_STORED(Verdict.StoredThoughRefused.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Acknowledged event = pick(
                    random,
                    acknowledged(run).stream().filter(each -> each.attempt().events().size() == 1 && isSentOnce(run, each)).toList());
            run.attempts.remove(event.attempt());
            run.attempts.add(new Attempt(
                    event.attempt().publisher(), List.of(event.sent()), event.began(), event.ended(), new Outcome.Refused(503)));
            return true;
        }
    },
    A_GAP_WITHOUT_A_LOSS(Verdict.UnneededGap.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return atDelivery(run, random, (blocks, at) -> {
                EventId id = ((Delivered) blocks.get(at)).id();
                blocks.add(at + 1, new Gap("overflow", SimulatedRun.id(id.sequence() - 1), id));
            });
        }
    },
    A_LOSS_WITHOUT_A_GAP(Verdict.Undelivered.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            return stream.blocks.removeIf(block -> block instanceof Gap);
        }
    },
    A_RESET_WITHOUT_A_LOSS(Verdict.UnneededGap.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return newEpoch(run, random, true);
        }
    },
    A_NEW_EPOCH_WITHOUT_A_RESET(Verdict.MissingGap.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            return newEpoch(run, random, false);
        }
    },
    /** A stream is given one more of what its next one begins with. */
    GIVEN_AFTER_THE_END(Verdict.DeliveredAfterEnd.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            List<Block> blocks = stream.blocks;
            long ended = Right.NEVER;
            for (int at = 0; at + 2 < blocks.size(); at++) {
                if (!(blocks.get(at) instanceof Opened(Right right))) {
                    continue;
                }
                if (blocks.get(at + 2) instanceof Delivered first && began(run, first) > ended) {
                    blocks.set(at + 1, new Position(first.id()));
                    blocks.remove(at + 2);
                    blocks.add(lastBefore(blocks, at) + 1, first);
                    return true;
                }
                ended = right.endedAt();
            }
            return false;
        }
    },
    ENDED_WITHOUT_A_WORD(Verdict.EndedSilently.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            return places(stream, block -> block instanceof Closed).stream().anyMatch(at -> stream.blocks.remove((int) at) != null);
        }
    },
    ENDED_FOR_NO_REASON(Verdict.WrongReason.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = pick(random, run.followers);
            return stream.blocks.add(new Closed("revoked"));
        }
    },
    SOMEBODY_ELSES_EVENT(Verdict.Misdirected.class) {
        @Override
        public boolean plant(SimulatedRun run, Random random) {
            Stream stream = run.followers.getLast();
            long last = stream.position;
            List<Map.Entry<Long, Sent>> others =
                    run.log.tailMap(last, false).entrySet().stream().filter(entry -> !stream.follows(entry.getValue())).toList();
            if (last < 0 || others.isEmpty()) {
                return false;
            }
            Map.Entry<Long, Sent> other = pick(random, others);
            return stream.blocks.add(new Delivered(SimulatedRun.id(other.getKey()), other.getValue().data()));
        }
    };

    private static final String OTHER_EPOCH = "00000000";

    /** What the fault is called; by no other name. */
    public final Class<? extends Verdict> verdict;

    Plant(Class<? extends Verdict> verdict) {
        this.verdict = verdict;
    }

    /** Changes {@code run}; false where it has no place for such a fault. */
    public abstract boolean plant(SimulatedRun run, Random random);

    private record Acknowledged(Sent sent, EventId id, Attempt attempt) {
        long began() {
            return attempt.began();
        }

        long ended() {
            return attempt.ended();
        }
    }

    private interface Edit {
        void apply(List<Block> blocks, int at);
    }

    private static List<Acknowledged> acknowledged(SimulatedRun run) {
        var all = new ArrayList<Acknowledged>();
        for (Attempt attempt : run.attempts) {
            if (attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids)) {
                IntStream.range(0, ids.size()).forEach(i -> all.add(new Acknowledged(attempt.events().get(i), ids.get(i), attempt)));
            }
        }
        return all;
    }

    private static Attempt renumbered(Attempt attempt, Map<EventId, EventId> to) {
        if (attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids)) {
            var outcome = new Outcome.Acknowledged(ids.stream().map(id -> to.getOrDefault(id, id)).toList());
            return new Attempt(attempt.publisher(), attempt.events(), attempt.began(), attempt.ended(), outcome);
        }
        return attempt;
    }

    private static List<Stream> everywhere(SimulatedRun run) {
        var all = new ArrayList<>(run.followers);
        all.add(run.readBack);
        return all;
    }

    private static boolean holds(Block block, Sent sent) {
        return block instanceof Delivered delivered && delivered.data().equals(sent.data());
    }

    private static boolean isSentOnce(SimulatedRun run, Acknowledged event) {
        return run.attempts.stream().filter(attempt -> attempt.events().contains(event.sent())).count() == 1;
    }

    /** Whether a follower was told that it will not get {@code sent}. */
    private static boolean isInGap(SimulatedRun run, Sent sent) {
        return run.followers.stream()
                .flatMap(stream -> stream.blocks.stream())
                .anyMatch(block -> block instanceof Gap gap && sent.equals(run.log.get(gap.resumedAt().sequence())));
    }

    private static List<Integer> places(Stream stream, Predicate<Block> wanted) {
        return IntStream.range(0, stream.blocks.size()).filter(i -> wanted.test(stream.blocks.get(i))).boxed().toList();
    }

    private static boolean atDelivery(SimulatedRun run, Random random, Edit edit) {
        Stream stream = pick(random, run.followers);
        List<Integer> places = places(stream, block -> block instanceof Delivered);
        if (places.isEmpty()) {
            return false;
        }
        edit.apply(stream.blocks, pick(random, places));
        return true;
    }

    /** The last block before {@code at}, between streams of the one before; -1 where there is none. */
    private static int lastBefore(List<Block> blocks, int at) {
        int before = at - 1;
        while (before >= 0 && (blocks.get(before) instanceof Opened || blocks.get(before) instanceof Closed)) {
            before--;
        }
        return before;
    }

    private static long began(SimulatedRun run, Delivered block) {
        return run.attempts.stream().filter(attempt -> attempt.events().stream().anyMatch(sent -> holds(block, sent)))
                .mapToLong(Attempt::began).min().orElseThrow();
    }

    /** Whether some right did, after {@code earlier} was sent and before {@code later} was. */
    private static boolean endsBetween(SimulatedRun run, long earlier, long later) {
        return run.followers.stream().flatMap(stream -> stream.blocks.stream())
                .anyMatch(block -> block instanceof Opened(Right right) && right.endedAt() > earlier && right.endedAt() < later);
    }

    /** Where a stream was resumed between two events. */
    private static boolean atSeam(SimulatedRun run, Random random, Edit edit) {
        Stream stream = pick(random, run.followers);
        List<Integer> places = IntStream.range(1, stream.blocks.size() - 1)
                .filter(i -> stream.blocks.get(i) instanceof Position)
                .filter(i -> stream.blocks.get(i + 1) instanceof Delivered)
                .filter(i -> lastBefore(stream.blocks, i) >= 0 && stream.blocks.get(lastBefore(stream.blocks, i)) instanceof Delivered)
                .boxed()
                .toList();
        if (places.isEmpty()) {
            return false;
        }
        edit.apply(stream.blocks, pick(random, places));
        return true;
    }

    private static boolean newEpoch(SimulatedRun run, Random random, boolean told) {
        return atDelivery(run, random, (blocks, at) -> {
            EventId id = ((Delivered) blocks.get(at)).id();
            for (int i = at; i < blocks.size(); i++) {
                blocks.set(i, switch (blocks.get(i)) {
                    case Position(EventId was) -> new Position(renamed(was));
                    case Delivered(EventId was, String data) -> new Delivered(renamed(was), data);
                    case Opened opened -> opened;
                    case Closed closed -> closed;
                    case Gap gap -> new Gap(gap.reason(), renamed(Objects.requireNonNull(gap.after())), renamed(gap.resumedAt()));
                });
            }
            if (told) {
                blocks.add(at, new Gap("reset", id, new EventId(OTHER_EPOCH, id.sequence() - 1)));
            }
        });
    }

    private static EventId renamed(EventId id) {
        return new EventId(OTHER_EPOCH, id.sequence());
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
