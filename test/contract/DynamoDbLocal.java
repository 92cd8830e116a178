import java.util.Arrays;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/** DynamoDB Local with its own options, but on 127.0.0.1 only: by itself it listens on every interface, and has no option against it. */
class DynamoDbLocal {
  public static void main(String[] arguments) throws Exception {
    var local = ServerRunner.createServerFromCommandLineArgs(arguments);
    var field = local.getClass().getDeclaredField("server");
    field.setAccessible(true);
    var jetty = (Server) field.get(local);
    Arrays.stream(jetty.getConnectors()).forEach(connector -> ((ServerConnector) connector).setHost("127.0.0.1"));
    // Started without `local.start()`, which reports to AWS that it was.
    jetty.start();
  }
}
