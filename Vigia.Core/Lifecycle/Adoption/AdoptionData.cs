using System.Text.Json;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>The data of an adoption.</summary>
/// <param name="DatabaseName">The database that the person approved.</param>
/// <param name="KeepsOwner">Whether they accepted that the product keeps the role that owns it.</param>
/// <param name="BackupStatement">The external backup that they named when they signed.</param>
/// <param name="RegisteredHere">Whether the request made the tenant's row.</param>
internal sealed record AdoptionData(
    string DatabaseName, bool KeepsOwner, string BackupStatement, bool RegisteredHere);

/// <summary>The data of the undo and of the completion of an adoption.</summary>
/// <param name="AdoptionId">The adoption that the person saw.</param>
internal sealed record AdoptionFollowUpData(Guid AdoptionId, string? Reason);

/// <summary>The state of a database before its adoption. Stored as <see cref="TenantAdoption.Before"/>.</summary>
internal sealed record AdoptionBefore
{
    public required long Oid { get; init; }

    public string? Comment { get; init; }

    public IReadOnlyList<string> PublicRights { get; init; } = [];

    public string? SchemaComment { get; init; }

    public bool PublicMayCreate { get; init; }

    /// <summary>Tables with their columns, and functions by name and types of arguments.</summary>
    public required SchemaDescription Schema { get; init; }

    /// <summary>The rights that the group of all tenants' roles had.</summary>
    public IReadOnlyList<GroupRight> GroupRights { get; init; } = [];

    /// <summary>The migrations that its history names.</summary>
    public IReadOnlyList<string> Migrations { get; init; } = [];

    public static AdoptionBefore Of(TenantAdoption adoption) =>
        JsonSerializer.Deserialize<AdoptionBefore>(adoption.Before)!;

    /// <summary>Writes what the adoption needs later, and nothing else.</summary>
    public static string Write(
        AdoptionReport report, SchemaDescription found, IReadOnlyList<GroupRight> rights,
        IReadOnlyList<string> migrations) => JsonSerializer.Serialize(new AdoptionBefore
        {
            GroupRights = rights,
            Oid = report.Database!.Oid,
            Comment = report.Database.Comment,
            PublicRights = report.Database.PublicRights,
            SchemaComment = report.Inside!.SchemaComment,
            PublicMayCreate = report.Inside.PublicMayCreate,
            Migrations = migrations,
            Schema = new SchemaDescription
            {
                Tables =
                [
                    .. found.Tables.Select(t => new TableDescription
                    {
                        Name = t.Name,
                        Oid = t.Oid,
                        Kind = t.Kind,
                        Columns = t.Columns,
                    }),
                ],
                Functions =
                [
                    .. found.Functions.Select(
                        f => new FunctionDescription
                        {
                            Name = f.Name,
                            Oid = f.Oid,
                            Arguments = f.Arguments,
                            Types = f.Types,
                        }),
                ],
            },
        });
}
