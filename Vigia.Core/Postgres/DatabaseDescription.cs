namespace Vigia.Core.Postgres;

/// <summary>A database as the server's catalogue describes it.</summary>
/// <param name="Marker">The comment. Null when it has none.</param>
/// <param name="Owner">The owning role.</param>
/// <param name="AllowsConnections"><c>datallowconn</c>.</param>
/// <param name="ConnectionLimit">
/// <c>datconnlimit</c>. <see cref="DatabaseDdl.UnfinishedDrop"/> after an interrupted DROP.
/// </param>
public sealed record DatabaseDescription(
    string Name, string? Marker, string Owner, bool AllowsConnections, int ConnectionLimit);
