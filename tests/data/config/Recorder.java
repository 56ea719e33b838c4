// Writes down how a real Apache Kafka, and Java, read configurations. See README.md beside this file.
// java -cp JARS:. Recorder (definitions | producers | consumers | topics | properties)

import java.io.ByteArrayInputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Recorder {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "definitions" -> definitions();
            case "producers" -> producers();
            case "consumers" -> consumers();
            case "topics" -> topics();
            case "properties" -> properties();
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    // ---- definitions: side, key, type, default, range

    static void definitions() throws Exception {
        define("producer", ProducerConfig.configDef());
        define("consumer", ConsumerConfig.configDef());
        define("topic", logDefinitions());
        ConfigDef broker;
        try {
            Class<?> config = Class.forName("org.apache.kafka.server.config.AbstractKafkaConfig");
            broker = (ConfigDef) config.getField("CONFIG_DEF").get(null);
        } catch (ReflectiveOperationException older) {
            broker = (ConfigDef) Class.forName("kafka.server.KafkaConfig").getMethod("configDef").invoke(null);
        }
        define("broker", broker);
    }

    static ConfigDef logDefinitions() throws Exception {
        return (ConfigDef) Class.forName("org.apache.kafka.storage.internals.log.LogConfig")
            .getMethod("configDefCopy").invoke(null);
    }

    static void define(String side, ConfigDef definition) {
        for (ConfigDef.ConfigKey key : new TreeMap<>(definition.configKeys()).values()) {
            String standard = key.hasDefault() && key.defaultValue != null ? show(key.defaultValue) : "null";
            String range = key.validator == null ? "" : key.validator.toString().replaceAll("\\s+", " ");
            if (key.name.equals("message.format.version")) range = "";
            System.out.println(String.join("\t", side, key.name, key.type.toString(), standard, range));
        }
    }

    static String show(Object value) {
        if (value instanceof List<?> list) return String.join(",", list.stream().map(Recorder::show).toList());
        if (value instanceof Class<?> type) return type.getName();
        return value.toString();
    }

    // ---- every combination of some values

    static List<Map<String, Object>> combinations(Map<String, List<String>> axes) {
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(new LinkedHashMap<>());
        for (Map.Entry<String, List<String>> axis : axes.entrySet()) {
            List<Map<String, Object>> next = new ArrayList<>();
            for (Map<String, Object> given : all)
                for (String value : axis.getValue()) {
                    Map<String, Object> more = new LinkedHashMap<>(given);
                    if (value != null) more.put(axis.getKey(), value);
                    next.add(more);
                }
            all = next;
        }
        return all;
    }

    static List<String> optional(String... values) {
        List<String> list = new ArrayList<>();
        list.add(null);
        list.addAll(List.of(values));
        return list;
    }

    static void record(Map<String, List<String>> axes, Set<String> names, Function<Map<String, Object>, String> run) {
        for (Map<String, Object> given : combinations(axes)) {
            StringBuilder line = new StringBuilder();
            given.forEach((key, value) -> line.append(line.isEmpty() ? "" : ";").append(key).append('=').append(value));
            String outcome;
            try {
                outcome = run.apply(new LinkedHashMap<>(given));
            } catch (Throwable thrown) {
                outcome = "refused " + keysIn(thrown, names);
            }
            System.out.println(line + "\t" + outcome);
        }
    }

    // The keys that the innermost message names, in the order of the message.
    static String keysIn(Throwable thrown, Set<String> names) {
        Throwable inner = thrown;
        while (inner.getCause() != null && inner.getCause().getMessage() != null
                && !(inner instanceof org.apache.kafka.common.config.ConfigException)) inner = inner.getCause();
        TreeMap<Integer, String> found = new TreeMap<>();
        String message = " " + inner.getMessage() + " ";
        for (String name : names) {
            int at = message.replaceAll("[^A-Za-z0-9.]", " ").replaceAll("\\.(?= )", " ").indexOf(" " + name + " ");
            if (at >= 0) found.put(at, name);
        }
        return String.join(",", found.values());
    }

    // ---- producers

    static void producers() {
        Set<String> names = ProducerConfig.configNames();
        record(new LinkedHashMap<String, List<String>>() {{
            put("acks", optional("all", "1", "0"));
            put("retries", optional("0", "3"));
            put("max.in.flight.requests.per.connection", optional("1", "6"));
            put("enable.idempotence", optional("true", "false"));
            put("transactional.id", optional("t"));
        }}, names, Recorder::producer);
        record(new LinkedHashMap<String, List<String>>() {{
            put("delivery.timeout.ms", optional("1000", "30005", "30004", "2147483647"));
            put("linger.ms", optional("0", "5", "100000", "2147483647", "9223372036854775807"));
            put("request.timeout.ms", optional("1000", "200000", "2147483647"));
        }}, names, Recorder::producer);
        Map<String, List<String>> single = new LinkedHashMap<>();
        single.put("acks", List.of("-1", "ALL", " all ", "2", "", "quorum"));
        single.put("retries", List.of("-1", "2147483647", "2147483648", "+3", " 3 ", "3.0", "", "many"));
        single.put("max.in.flight.requests.per.connection", List.of("0", "5", "-1", "1000000"));
        single.put("enable.idempotence", List.of("TRUE", "False", " true", "yes", "1", ""));
        single.put("transactional.id", List.of("", " "));
        single.put("linger.ms", List.of("-1", "1"));
        single.put("compression.type", List.of("gzip", "GZIP", "none", "zstd", "uncompressed"));
        single.put("security.protocol", List.of("plaintext", "tls"));
        single.put("metadata.max.idle.ms", List.of("4999", "5000"));
        single.put("no.such.key", List.of("1"));
        single.put("transaction.timeout.ms", List.of("-1", "60000"));
        single.put("transaction.two.phase.commit.enable", List.of("true"));
        single.forEach((key, list) -> record(Map.of(key, list), names, Recorder::producer));
        record(new LinkedHashMap<String, List<String>>() {{
            put("transaction.two.phase.commit.enable", optional("true", "false"));
            put("transaction.timeout.ms", optional("1000"));
            put("transactional.id", optional("t"));
        }}, names, Recorder::producer);
    }

    static String producer(Map<String, Object> given) {
        given.put("bootstrap.servers", "localhost:1");
        ProducerConfig config = new ProducerConfig(with(given, "key.serializer", "value.serializer", ByteArraySerializer.class));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(given, new ByteArraySerializer(), new ByteArraySerializer())) {
            Object accumulator = field(producer, "accumulator");
            String outcome = "acks=" + config.getString("acks")
                + ";retries=" + config.getInt("retries")
                + ";max.in.flight.requests.per.connection=" + config.getInt("max.in.flight.requests.per.connection")
                + ";enable.idempotence=" + config.getBoolean("enable.idempotence")
                + ";linger.ms=" + config.getLong("linger.ms")
                + ";request.timeout.ms=" + config.getInt("request.timeout.ms")
                + ";delivery.timeout.ms=" + field(accumulator, "deliveryTimeoutMs");
            producer.close(Duration.ZERO);
            return outcome;
        }
    }

    // ---- consumers

    static void consumers() {
        Set<String> names = ConsumerConfig.configNames();
        record(new LinkedHashMap<String, List<String>>() {{
            put("group.id", optional("g"));
            put("enable.auto.commit", optional("true", "false"));
            put("group.protocol", optional("classic", "consumer", "CONSUMER"));
            put("heartbeat.interval.ms", optional("3000", "10000"));
            put("session.timeout.ms", optional("10000"));
        }}, names, Recorder::consumer);
        Map<String, List<String>> single = new LinkedHashMap<>();
        single.put("auto.offset.reset",
            List.of("earliest", "Latest", "none", "smallest", "", "by_duration:PT1H", "by_duration:1h", "by_duration"));
        single.put("isolation.level", List.of("read_committed", "READ_COMMITTED", "read_uncommitted"));
        single.put("max.poll.records", List.of("1", "0", "500"));
        single.put("max.poll.interval.ms", List.of("0", "1"));
        single.put("auto.commit.interval.ms", List.of("-1", "0"));
        single.put("group.protocol", List.of("streams", ""));
        single.put("group.remote.assignor", List.of("uniform", ""));
        single.put("group.instance.id", List.of("", "i"));
        single.put("partition.assignment.strategy", List.of("org.apache.kafka.clients.consumer.StickyAssignor"));
        single.put("share.acknowledgement.mode", List.of("implicit", "explicit"));
        single.put("fetch.min.bytes", List.of("-1"));
        single.put("client.dns.lookup", List.of("default"));
        single.forEach((key, list) -> {
            Map<String, List<String>> axes = new LinkedHashMap<>();
            axes.put("group.id", List.of("g"));
            axes.put(key, list);
            record(axes, names, Recorder::consumer);
        });
        record(new LinkedHashMap<String, List<String>>() {{
            put("group.id", List.of("g"));
            put("group.protocol", List.of("consumer"));
            put("group.remote.assignor", optional("uniform"));
            put("partition.assignment.strategy", optional("org.apache.kafka.clients.consumer.StickyAssignor"));
            put("session.timeout.ms", optional("10000"));
        }}, names, Recorder::consumer);
    }

    static String consumer(Map<String, Object> given) {
        given.put("bootstrap.servers", "localhost:1");
        ConsumerConfig config = new ConsumerConfig(with(given, "key.deserializer", "value.deserializer", ByteArrayDeserializer.class));
        String outcome = "enable.auto.commit=" + config.getBoolean("enable.auto.commit")
            + ";auto.offset.reset=" + config.getString("auto.offset.reset")
            + ";isolation.level=" + config.getString("isolation.level")
            + ";max.poll.records=" + config.getInt("max.poll.records")
            + ";session.timeout.ms=" + config.getInt("session.timeout.ms");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(given, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.close(Duration.ZERO);
            return outcome;
        }
    }

    static Map<String, Object> with(Map<String, Object> given, String key, String value, Class<?> type) {
        Map<String, Object> more = new LinkedHashMap<>(given);
        more.put(key, type);
        more.put(value, type);
        return more;
    }

    static Object field(Object owner, String name) {
        for (Class<?> type = owner.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(owner);
            } catch (ReflectiveOperationException next) {
                continue;
            }
        }
        throw new IllegalStateException(name);
    }

    // ---- topics

    static void topics() throws Exception {
        Set<String> names = logDefinitions().names();
        Map<String, List<String>> single = new LinkedHashMap<>();
        single.put("cleanup.policy", List.of("compact", "delete", "compact,delete", "delete, compact", "delete,delete", "COMPACT", "", "shrink"));
        single.put("retention.ms", List.of("-1", "-2", "0", "1"));
        single.put("min.insync.replicas", List.of("0", "1", "2"));
        single.put("segment.bytes", List.of("14", "13", "1048576", "1048575"));
        single.put("message.timestamp.type", List.of("CreateTime", "LogAppendTime", "createtime"));
        single.put("min.cleanable.dirty.ratio", List.of("0", "0.5", "1", "1.1", "-0.1", ".5", "5e-1"));
        single.put("flush.messages", List.of("0", "1"));
        single.put("compression.type", List.of("producer", "none", "uncompressed"));
        single.put("message.format.version", List.of("2.8", "3.0-IV1"));
        single.put("no.such.key", List.of("1"));
        single.put("partitions", List.of("1"));
        single.put("replication.factor", List.of("1"));
        single.forEach((key, list) -> record(Map.of(key, list), names, Recorder::topic));
        record(new LinkedHashMap<String, List<String>>() {{
            put("min.compaction.lag.ms", optional("0", "100"));
            put("max.compaction.lag.ms", optional("99", "100"));
        }}, names, Recorder::topic);
    }

    static String topic(Map<String, Object> given) {
        try {
            Properties all = new Properties();
            all.putAll(given);
            Class<?> config = Class.forName("org.apache.kafka.storage.internals.log.LogConfig");
            try {
                config.getMethod("validate", Properties.class).invoke(null, all);
            } catch (NoSuchMethodException newer) {
                config.getMethod("validate", Map.class).invoke(null, given);
            }
            return "accepted";
        } catch (InvocationTargetException refused) {
            throw new IllegalArgumentException(refused.getCause().getMessage());
        } catch (ReflectiveOperationException bug) {
            throw new IllegalStateException(bug);
        }
    }

    // ---- java.util.Properties: random texts of the characters that matter, in JSON

    static void properties() throws Exception {
        Random random = new Random(20240601);
        String[] pieces = {"a", "b", "key", "=", ":", " ", "\t", "\f", "\\", "\\\\", "\n", "\r", "\r\n", "#", "!", "\\u0041",
            "\\u00e9", "\\uD83D\\uDE00", "\\u12", "\\n", "\\t", "\\=", "\\:", "\\ ", "\\#", "\\\n", "\\\r\n  ", "1", ".", "é", "\\z"};
        for (int i = 0; i < 1200; i++) {
            StringBuilder text = new StringBuilder();
            int length = 1 + random.nextInt(14);
            for (int j = 0; j < length; j++) text.append(pieces[random.nextInt(pieces.length)]);
            System.out.println("{\"text\":" + json(text.toString()) + "," + parsed(text.toString()) + "}");
        }
    }

    static String parsed(String text) throws Exception {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IllegalArgumentException malformed) {
            return "\"malformed\":true";
        }
        StringBuilder pairs = new StringBuilder();
        for (String key : new TreeSet<>(properties.stringPropertyNames()))
            pairs.append(pairs.isEmpty() ? "" : ",").append(json(key)).append(":").append(json(properties.getProperty(key)));
        return "\"pairs\":{" + pairs + "}";
    }

    // Half a character, as two escapes of four digits can leave it, is written as U+FFFD.
    static String json(String text) {
        text = new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray())
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ' || c > '~') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        return out.append('"').toString();
    }
}
