namespace Vigia.Tests.Infrastructure;

/// <summary>Options for a server that belongs to one test.</summary>
public sealed record PostgresServerOptions
{
    public int MaxConnections { get; init; } = 300;

    /// <summary>Lines for <c>postgresql.conf</c>, after those of the test run.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>
    /// Size in MiB of the disk that holds the databases (not the WAL). The server is then always on this machine, and
    /// the disk has to be mounted.
    /// </summary>
    public int? DiskSize { get; init; }

    /// <summary>Locale options of <c>initdb</c>; null uses those of the portal's own cluster.</summary>
    public IReadOnlyList<string>? Locale { get; init; }

    /// <summary>The attributes of the role that the tests use.</summary>
    public string PortalRoleAttributes { get; init; } = "LOGIN CREATEDB CREATEROLE";
}
