using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Stands between a client and a server on this machine. It can hold back the server's answers until a test releases
/// them, and it can cut open connections. In front of PostgreSQL it can do both for the connections to one database
/// only.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int SslRequest = 80877103;
    private const int GssEncryptionRequest = 80877104;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<int, Line> _lines = new();
    private readonly string _host;
    private volatile int _port;
    private readonly bool _isPostgres;
    private readonly Task _accepting;
    private readonly ConcurrentQueue<Hold> _kept = new();
    private volatile Hold? _hold;
    private volatile bool _refuses;
    private int _next;
    private long _bytes;

    private TcpProxy(string host, int port, bool isPostgres)
    {
        (_host, _port, _isPostgres) = (host, port, isPostgres);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port on 127.0.0.1 to which clients connect.</summary>
    public int Port { get; }

    /// <summary>Counts the open connections, of one database if given.</summary>
    public int Open(string? database = null) => _lines.Values.Count(l => database is null || l.Database == database);

    /// <summary>The bytes that went through so far, in both directions.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many connections have an answer that is held back.</summary>
    public int Waiting => _lines.Values.Count(l => l.HeldBy is { } by && (by == _hold || _kept.Contains(by)));

    /// <summary>Starts a proxy in front of any server.</summary>
    public static TcpProxy InFrontOf(string host, int port) => new(host, port, isPostgres: false);

    /// <summary>
    /// Starts a proxy in front of a PostgreSQL server. It distinguishes connections by their database. They are not
    /// encrypted.
    /// </summary>
    public static TcpProxy InFrontOfPostgres(string host, int port) => new(host, port, isPostgres: true);

    /// <summary>Holds back everything that the server sends from now on, until <see cref="Release"/>.</summary>
    /// <param name="database">Holds back only the answers on connections to this database.</param>
    public void HoldAnswers(string? database = null) =>
        Change(new Hold(line => database is null || line.Database == database));

    /// <summary>Holds back the server's answers on connections to every database but this one.</summary>
    public void HoldAnswersExcept(string database) =>
        Change(new Hold(line => line.Database is not null && line.Database != database));

    /// <summary>
    /// Holds back everything that the server sends except notifications: the connection that listens is let through.
    /// </summary>
    public void HoldAnswersExceptListener() => Change(new Hold(line => !line.Listens));

    /// <summary>Ends all connections and refuses new ones, as a server that was stopped does.</summary>
    public void Stop()
    {
        _refuses = true;
        Cut();
    }

    /// <summary>Leads new connections to another server on the same host, as a balancer does.</summary>
    public void LeadTo(int port) => _port = port;

    /// <summary>Accepts connections again.</summary>
    public void Restart() => _refuses = false;

    /// <summary>Lets through the answers that are held back now. Later answers are held back again.</summary>
    public void LetThrough() => Change(_hold is { } hold ? new Hold(hold.Of) : null);

    /// <summary>
    /// Lets connections answer that have nothing held back. The answers that are held back stay so until
    /// <see cref="Release"/>. In this way an answer can arrive after the answers to later questions.
    /// </summary>
    public void HoldNoMore()
    {
        if (_hold is { } hold)
        {
            _kept.Enqueue(hold);
            _hold = null;
        }
    }

    /// <summary>Lets all answers through that were held back, in order.</summary>
    public void Release()
    {
        Change(null);
        while (_kept.TryDequeue(out var hold))
        {
            hold.Released.TrySetResult();
        }
    }

    /// <summary>Ends open connections at once, as a pulled cable does. New connections are accepted.</summary>
    /// <param name="database">Ends only the connections to this database.</param>
    public void Cut(string? database = null)
    {
        foreach (var line in _lines.Values.Where(l => database is null || l.Database == database))
        {
            line.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested)
        {
            return;
        }

        await _ended.CancelAsync();
        Release();
        _listener.Stop();
        Cut();
        await _accepting;
        await Task.WhenAll(_lines.Values.Select(l => l.Ended));
        _listener.Dispose();
        _ended.Dispose();
    }

    // The new hold takes effect before the old one ends, so that no answer passes in between.
    private void Change(Hold? next)
    {
        var hold = _hold;
        _hold = next;
        hold?.Released.TrySetResult();
    }

    private async Task AcceptAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_ended.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_refuses)
            {
                client.Close();
                continue;
            }

            var (id, line) = (Interlocked.Increment(ref _next), new Line(client));
            _lines[id] = line;
            line.Ended = RunAsync(id, line);
        }
    }

    private async Task RunAsync(int id, Line line)
    {
        await Task.Yield();
        try
        {
            line.Client.NoDelay = true;
            var first = _isPostgres ? await ReadStartupAsync(line, _ended.Token) : [];
            line.Server.NoDelay = true;
            await line.Server.ConnectAsync(_host, _port, _ended.Token);
            if (first.Length > 0)
            {
                await line.Server.SendAsync(first, _ended.Token);
            }

            await Task.WhenAny(CopyAsync(line, line.Client, line.Server, answers: false),
                CopyAsync(line, line.Server, line.Client, answers: true));
        }
        catch (Exception e) when (
            e is OperationCanceledException or SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // The connection has ended. The code below closes its other end.
        }
        finally
        {
            line.Close();
            _lines.TryRemove(id, out _);
        }
    }

    private async Task CopyAsync(Line line, Socket from, Socket to, bool answers)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _ended.Token) is > 0 and var length)
            {
                // A pool that resets a session with prepared statements sends UNLISTEN *.
                line.Listens |= !answers && _isPostgres && buffer.AsSpan(0, length).IndexOf("LISTEN vigia_"u8) >= 0;
                if (answers && _hold is { } hold && hold.Of(line))
                {
                    line.HeldBy = hold;
                    await hold.Released.Task.WaitAsync(_ended.Token);
                    line.HeldBy = null;
                }

                Interlocked.Add(ref _bytes, length);
                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), _ended.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two ends has closed the connection.
        }
    }

    // The start-up message names the database. The proxy declines encryption, because it could not read encrypted
    // messages. https://www.postgresql.org/docs/current/protocol-message-formats.html (StartupMessage, SSLRequest,
    // GSSENCRequest)
    private static async Task<byte[]> ReadStartupAsync(Line line, CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = new byte[8];
            await ReadAsync(line.Client, head, cancellationToken);
            var (length, code) =
                (BinaryPrimitives.ReadInt32BigEndian(head), BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)));
            if (code is SslRequest or GssEncryptionRequest)
            {
                await line.Client.SendAsync("N"u8.ToArray(), cancellationToken);
                continue;
            }

            var message = new byte[length];
            head.CopyTo(message, 0);
            await ReadAsync(line.Client, message.AsMemory(8), cancellationToken);
            var words = Encoding.UTF8.GetString(message, 8, length - 8).Split('\0');
            var at = Array.IndexOf(words, "database");
            line.Database = at >= 0 && at % 2 == 0 ? words[at + 1] : null;
            return message;
        }
    }

    private static async Task ReadAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var read = await socket.ReceiveAsync(buffer, cancellationToken);
            buffer = read > 0 ? buffer[read..] : throw new EndOfStreamException();
        }
    }

    private sealed class Hold(Func<Line, bool> of)
    {
        public Func<Line, bool> Of => of;

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Line(Socket client)
    {
        public Socket Client => client;

        public Socket Server { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public string? Database { get; set; }

        /// <summary>Whether the client listens to notifications on it.</summary>
        public volatile bool Listens;

        public volatile Hold? HeldBy;

        public Task Ended { get; set; } = Task.CompletedTask;

        public void Close()
        {
            client.Close();
            Server.Close();
        }
    }
}
