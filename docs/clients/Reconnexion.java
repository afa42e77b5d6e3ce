import java.io.*;
import java.net.*;
import java.util.*;
import java.util.regex.*;
import static java.nio.charset.StandardCharsets.UTF_8;

/** Un client qui ne perd rien : il reprend sa session où elle en était, et renvoie ce qui n'est pas acquitté. */
public class Reconnexion {
    static PrintWriter out;
    static String session;
    static long last;
    static final Set<String> seen = new HashSet<>();
    static final Map<String, String> waiting = new LinkedHashMap<>();

    static String field(String line, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?((?:[^\"\\\\,}]|\\\\.)*)").matcher(line);
        return found.find() ? found.group(1) : "";
    }

    static synchronized void say(String content) {
        String id = UUID.randomUUID().toString(); // le même à chaque renvoi : le serveur reconnaît le message
        String text = content.replace("\\", "\\\\").replace("\"", "\\\"");
        waiting.put(id, "{\"type\":\"message\",\"id\":\"" + id + "\",\"client_id\":\"" + id + "\",\"content\":\"" + text + "\"}");
        if (out != null) out.println(waiting.get(id));
    }

    static synchronized void heard(String line, String name, String password) {
        String type = field(line, "type"), id = field(line, "message_id");
        if (type.equals("hello") && session != null)
            out.println("{\"type\":\"resume\",\"session\":\"" + session + "\",\"after\":" + last + "}");
        else if (type.equals("hello") || field(line, "code").equals("bad_token"))
            out.println("{\"type\":\"login\",\"username\":\"" + name + "\",\"password\":\"" + password + "\"}");
        else if (type.equals("login") && !(session = field(line, "session")).isEmpty())
            for (Matcher each = Pattern.compile("\"last_message_id\":(\\d+)").matcher(line); each.find(); )
                last = Math.max(last, Long.parseLong(each.group(1)));
        else if (type.equals("message") && seen.add(id))
            System.out.println(field(line, "from") + ": " + field(line, "content"));
        else if (type.equals("ack")) waiting.remove(field(line, "id"));
        if (!id.isEmpty()) last = Math.max(last, Long.parseLong(id));
        if (type.equals("login") || type.equals("resume")) waiting.values().forEach(out::println);
    }

    public static void main(String[] args) throws Exception { // adresse, port, nom, mot de passe
        new Thread(() -> new BufferedReader(new InputStreamReader(System.in, UTF_8)).lines().forEach(Reconnexion::say)).start();
        for (;; Thread.sleep(500))
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])), 10000);
                socket.setSoTimeout(10000);
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
                out = new PrintWriter(new OutputStreamWriter(socket.getOutputStream(), UTF_8), true);
                out.println("{\"type\":\"hello\",\"protocol\":2,\"encoding\":\"utf-8\"}");
                for (String line; (line = in.readLine()) != null; heard(line, args[2], args[3]))
                    if (field(line, "type").equals("hello")) // rien pendant deux fois ce temps : le lien est mort
                        socket.setSoTimeout(2000 * Integer.parseInt("0" + field(line, "heartbeat")));
            } catch (IOException lost) { // la connexion est perdue : on la refait
            }
    }
}
