namespace Vigia.Tests.Infrastructure;

/// <summary>What a test asks of a server of its own.</summary>
public sealed record PostgresServerOptions
{
    public int MaxConnections { get; init; } = 300;

    /// <summary>Lines for <c>postgresql.conf</c>, after ours.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Size in MiB of the disk that the databases (not the WAL) are on; always a server on this machine, and it has to be mounted.</summary>
    public int? DiskSize { get; init; }

    /// <summary>The attributes of the role that the tests work as.</summary>
    public string PortalRoleAttributes { get; init; } = "LOGIN CREATEDB CREATEROLE";
}
