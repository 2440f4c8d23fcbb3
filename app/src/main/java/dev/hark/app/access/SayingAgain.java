package dev.hark.app.access;

import dev.hark.Hub;
import dev.hark.log.Append;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The revocations that hold at this node and that its log has lost, because it has another history or is damaged: they are stored once
 * more, or a restart would let in again whom they keep out. Confined to who reads the log.
 */
final class SayingAgain {
    private static final System.Logger LOGGER = System.getLogger(SayingAgain.class.getName());

    private final Hub hub;
    private final AccessControl access;

    /** How many are stored at once. */
    private final int most;

    private List<Revocation> left = List.of();

    SayingAgain(Hub hub, AccessControl access, int most) {
        this.hub = hub;
        this.access = access;
        this.most = most;
    }

    /** Some of the log is lost. What it has under the keys {@code said} need not be said again; all else that holds here has to be. */
    void begin(Set<String> said) {
        left = access.revocations().stream().filter(each -> !said.contains(RevocationJson.key(each))).toList();
    }

    /** Stores what is left, as far as the log takes it now. */
    void goOn() {
        if (left.isEmpty()) {
            return;
        }
        // What was taken back meanwhile, or is over, is not to come back.
        List<Revocation> holding = left.stream().filter(each -> access.hasRevoked(each) && !access.isOver(each)).toList();
        List<Revocation> rest = new ArrayList<>(holding);
        for (int i = 0; i < holding.size(); i += most) {
            List<Revocation> some = holding.subList(i, Math.min(holding.size(), i + most));
            if (!(hub.keep(some.stream().map(RevocationJson::draft).toList()) instanceof Append.Stored)) {
                break;
            }
            rest = holding.subList(i + some.size(), holding.size());
        }
        if (rest.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "the log has {0} revocations again that it had lost", holding.size());
        }
        left = List.copyOf(rest);
    }
}
