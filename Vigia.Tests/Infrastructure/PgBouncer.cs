using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A real PgBouncer in transaction mode in front of a test server. It asks the server for the passwords of roles that
/// it does not know. This is necessary because tenants' roles are created and dropped all the time.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TestFolder _folder;

    private PgBouncer(Process process, TestFolder folder, int port) =>
        (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>The value of TENANT_DB_TEMPLATE for this pooler.</summary>
    public string Template =>
        string.Create(CultureInfo.InvariantCulture, $"postgresql://nobody:-@127.0.0.1:{Port}/{{db_name}}");

    /// <summary>Starts a pooler.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="ignored">Start-up parameters that it does not refuse; the usual one is always among them.</param>
    /// <param name="authRole">
    /// The role of PGBOUNCER_AUTH_ROLE with its password, which looks up verifiers as docs/product.md says. Null lets
    /// the superuser read them in pg_shadow.
    /// </param>
    public static async Task<PgBouncer> StartAsync(
        PostgresServer server, CancellationToken cancellationToken, string ignored = "",
        (string Name, string Password)? authRole = null)
    {
        var user = ServerUser.Find()
            ?? throw new InvalidOperationException("Root needs an unprivileged user to run PgBouncer as.");
        var (folder, port, superuser) =
            (TestFolder.Create(), PostgresCluster.FreePort(), server.SuperuserUrl("postgres"));
        var auth = authRole ?? (superuser.Username, superuser.Password);
        var query = authRole is null ? "" : $"auth_query = {PoolerSchema.AuthQuery}";
        var (settings, users) = (Path.Combine(folder.Path, "pgbouncer.ini"), Path.Combine(folder.Path, "users.txt"));
        await PostgresCluster.WriteSecretAsync(
            users, $"\"{auth.Name}\" \"{auth.Password}\"\n", cancellationToken);
        await File.WriteAllTextAsync(
            settings,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [databases]
                * = host={superuser.Host} port={superuser.Port} auth_user={auth.Name}
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = {users}
                {query}
                pool_mode = transaction
                max_client_conn = 200
                server_idle_timeout = 1
                server_login_retry = 1
                client_login_timeout = 3
                ignore_startup_parameters = extra_float_digits{(ignored.Length > 0 ? $", {ignored}" : "")}
                """), cancellationToken);
        if (user.Name is not null)
        {
            await ServerUser.Current.RunAsync("chown", [$"{user.Name}:", users], cancellationToken);
        }

        var program = File.Exists("/usr/sbin/pgbouncer") ? "/usr/sbin/pgbouncer" : "pgbouncer";
        var start = new ProcessStartInfo(
            program, ["-q", settings])
        { WorkingDirectory = "/", RedirectStandardError = true };
        if (user.Name is not null)
        {
            start.UserName = user.Name;
        }

        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var bouncer = new PgBouncer(process, folder, port);
        await Eventually.HoldsAsync("PgBouncer takes connections", bouncer.AnswersAsync, cancellationToken);
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
