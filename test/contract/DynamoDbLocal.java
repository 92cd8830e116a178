import java.util.Arrays;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/** DynamoDB Local with its usual options, but on 127.0.0.1 only: it listens on every interface and has no option to change that. */
class DynamoDbLocal {
  public static void main(String[] arguments) throws Exception {
    var local = ServerRunner.createServerFromCommandLineArgs(arguments);
    var field = local.getClass().getDeclaredField("server");
    field.setAccessible(true);
    var jetty = (Server) field.get(local);
    Arrays.stream(jetty.getConnectors()).forEach(connector -> ((ServerConnector) connector).setHost("127.0.0.1"));
    // Not started with `local.start()`, which reports the start to AWS.
    jetty.start();
  }
}
