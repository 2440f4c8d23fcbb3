package dev.hark.load.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reports of hubs of known cost: 10 µs a delivery, 200 µs a publish, 1 µs a second for an idle stream, 100 MB and 17 kB a stream. */
final class Fleet {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double COLD = 3e9;

    private Fleet() {}

    /** A search by subscribers that passed at all its levels. */
    static ObjectNode search(double perSecond, double... levels) {
        ObjectNode report = JSON.createObjectNode().put("version", 1).put("kind", "capacity").put("by", "subscribers");
        report.put("bound", "range").put("capacity", levels[levels.length - 1]);
        report.putObject("plan").put("payloadBytes", 200);
        ArrayNode tried = report.putArray("levels");
        double sign = 1;
        for (double streams : levels) {
            // What measurements differ by, without chance.
            sign = -sign;
            ObjectNode level = tried.addObject().put("level", streams).put("outcome", "passed");
            double idle = 0.01 + 1e-6 * streams;
            level.putObject("metrics")
                    .put("streams.confirmed", streams)
                    .put("connectAll", streams / 8000 * 1e9)
                    .put("publishRate", perSecond)
                    .put("deliveryRate", perSecond * streams)
                    .put("serverIdle", idle * (1 + 0.01 * sign))
                    .put("serverCpu", idle + (200e-6 * perSecond + 10e-6 * perSecond * streams) * (1 + 0.02 * sign))
                    .put("serverMemory", (100e6 + 17e3 * streams) * (1 + 0.005 * sign))
                    .put("serverMemoryEmpty", 100e6)
                    .put("serverCpuBefore", COLD);
        }
        return report;
    }

    /** The machine that the server ran on was this one. */
    static ObjectNode on(ObjectNode report, int processors, double memoryBytes) {
        report.putObject("server").put("processors", processors).put("memoryBytes", memoryBytes);
        return report;
    }

    /** A run of a minute that holds. */
    static ObjectNode run(double streams, double perSecond) {
        ObjectNode report = JSON.createObjectNode().put("version", 1).put("verdict", "holds").put("ending", "complete");
        report.putObject("plan").put("payloadBytes", 200);
        report.putObject("metrics")
                .put("streams.confirmed", streams)
                .put("connectAll", streams / 8000 * 1e9)
                .put("publishRate", perSecond)
                .put("deliveryRate", perSecond * streams)
                .put("serverCpu", 0.5)
                .put("serverMemoryEmpty", 100e6)
                .put("serverCpuBefore", COLD);
        ArrayNode seconds = report.putArray("seconds");
        for (int i = 1; i <= 70; i++) {
            String phase = i < 2 ? "connecting" : i < 12 ? "settling" : "measuring";
            double events = Math.max(0, i - 11) * perSecond;
            double idle = 0.01 + 1e-6 * streams;
            double cores = phase.equals("measuring") ? idle + 200e-6 * perSecond + 10e-6 * perSecond * streams : idle;
            ObjectNode second = seconds.addObject().put("at", i).put("phase", phase);
            second.putObject("counts").put("live", streams).put("acknowledged", events).put("delivered", events * streams);
            second.putObject("load").put("serverCores", cores * (i % 2 == 0 ? 1.02 : 0.98))
                    .put("serverBytes", (100e6 + 17e3 * streams) * (i % 2 == 0 ? 1.005 : 0.995));
        }
        return report;
    }
}
