import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.net.Socket;

/** A pupil's client: a plain socket, JSON by hand, and the encoding that Java has on Windows. */
public class ClassicClient {
    private final BufferedReader in;
    private final Writer out;

    ClassicClient(String host, int port) throws IOException {
        Socket socket = new Socket(host, port);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), "windows-1252"));
        out = new OutputStreamWriter(socket.getOutputStream(), "windows-1252");
    }

    void send(String line) throws IOException {
        out.write(line + "\n");
        out.flush();
    }

    /** The next line is the answer: such a client knows no other way. */
    String ask(String line) throws IOException {
        send(line);
        return in.readLine();
    }

    String nextOfType(String type) throws IOException {
        String line = in.readLine();
        while (!type.equals(field(line, "type"))) {
            line = in.readLine();
        }
        return line;
    }

    static String field(String line, String name) {
        String start = "\"" + name + "\":\"";
        int at = line.indexOf(start);
        if (at < 0) {
            return null;
        }
        StringBuilder value = new StringBuilder();
        for (int i = at + start.length(); line.charAt(i) != '"'; i++) {
            if (line.charAt(i) != '\\') {
                value.append(line.charAt(i));
            } else if (line.charAt(++i) == 'u') {
                value.append((char) Integer.parseInt(line.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                value.append(line.charAt(i));
            }
        }
        return value.toString();
    }

    public static void main(String[] args) throws IOException {
        PrintStream console = new PrintStream(System.out, true, "UTF-8");
        ClassicClient client = new ClassicClient(args[0], Integer.parseInt(args[1]));
        String account = "\"username\":\"alice\",\"password\":\"azerty\"}";
        console.println("register " + field(client.ask("{\"type\":\"register\"," + account), "status"));
        String refusal = field(client.ask("{\"type\":\"register\"," + account), "message");
        console.println("taken " + refusal.contains("already exists"));
        String answer = client.ask("{\"type\":\"login\"," + account);
        console.println("login " + field(answer, "status") + " " + field(answer, "username"));
        console.println(client.ask("{\"type\":\"users\"}"));
        client.send("{\"type\":\"message\",\"subtype\":\"global\",\"to\":\"global\",\"content\":\"\u00e7a marche d\u00e9j\u00e0\"}");
        String message = client.nextOfType("message");
        while (!"private".equals(field(message, "subtype"))) {
            message = client.nextOfType("message");
        }
        console.println(field(message, "from") + " to " + field(message, "to") + ": " + field(message, "content"));
    }
}
