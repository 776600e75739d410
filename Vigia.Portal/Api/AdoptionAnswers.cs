using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The result of a dry run of an adoption.</summary>
internal sealed record AdoptionReportAnswer
{
    public required string DbName { get; init; }
    public bool Possible { get; init; }
    public IReadOnlyList<string> OwnerStatements { get; init; } = [];
    public IReadOnlyList<ObstacleAnswer> Obstacles { get; init; } = [];
    public string? Owner { get; init; }
    public long? SizeBytes { get; init; }
    public string? Encoding { get; init; }
    public string? Locale { get; init; }
    public IReadOnlyList<string> Extensions { get; init; } = [];
    public IReadOnlyList<ConnectedProgram> Connected { get; init; } = [];
    public IReadOnlyList<ObjectOwner> Owners { get; init; } = [];
    public IReadOnlyList<string> MissingTables { get; init; } = [];
    public IReadOnlyList<AddedColumn> MissingColumns { get; init; } = [];
    public IReadOnlyList<ColumnDifference> DifferentColumns { get; init; } = [];
    public IReadOnlyList<string> ForeignTables { get; init; } = [];
    public IReadOnlyList<ForeignCode> ForeignCode { get; init; } = [];
    public IReadOnlyList<string> LeftOut { get; init; } = [];
    public IReadOnlyList<PlannedTrigger> Later { get; init; } = [];

    public static AdoptionReportAnswer Of(AdoptionReport report) => new()
    {
        DbName = report.DatabaseName,
        Possible = report.IsPossible,
        OwnerStatements = report.OwnerStatements,
        Obstacles = [.. report.Obstacles.Select(ObstacleAnswer.Of)],
        Owner = report.Database?.Owner,
        SizeBytes = report.Database?.SizeBytes,
        Encoding = report.Database?.Encoding,
        Locale = report.Database?.Locale,
        Extensions = report.Inside?.Extensions ?? [],
        Connected = report.Database?.Connected ?? [],
        Owners = report.Inside?.Owners ?? [],
        MissingTables = report.MissingTables,
        MissingColumns = report.MissingColumns,
        DifferentColumns = report.Different,
        ForeignTables = report.ForeignTables,
        ForeignCode = report.ForeignCode,
        LeftOut = report.LeftOut,
        Later = report.Later,
    };
}

/// <summary>An obstacle to an adoption.</summary>
internal sealed record ObstacleAnswer(string Code, string Message, string? Advice)
{
    public static ObstacleAnswer Of(Message message) => new(message.Code, message.Render(), message.RenderAdvice());
}

/// <summary>How far the adoption of a tenant's database is.</summary>
internal sealed record AdoptionAnswer(
    string Stage, string DbName, DateTimeOffset? AdoptedAt, DateTimeOffset? UndoUntil, DateTimeOffset? ConfirmedAt,
    DateTimeOffset? CompletedAt, bool ProductKeepsOwner, string BackupStatement)
{
    public static AdoptionAnswer Of(AdoptionSummary adoption, DateTimeOffset now) => new(
        Cliente.Code(adoption.StageAt(now)), adoption.DatabaseName, adoption.AdoptedAt, adoption.UndoUntil,
        adoption.ConfirmedAt, adoption.CompletedAt, adoption.KeepsOwner, adoption.BackupStatement);
}

/// <summary>The triggers that a completion adds.</summary>
internal sealed record CompletionAnswer(IReadOnlyList<PlannedTrigger> Triggers);

/// <summary>Adopts a database. The fields of the tenant are for a database that no row names.</summary>
internal sealed record AdoptRequest
{
    public string? DbName { get; init; }
    public bool? ProductKeepsOwner { get; init; }
    public string? BackupStatement { get; init; }

    /// <summary>The caller's own password.</summary>
    public string? Password { get; init; }
    public string? Ruc { get; init; }
    public string? RazonSocial { get; init; }
    public string? Subdominio { get; init; }
    public string? CorreoAcceso { get; init; }
    public string? Plan { get; init; }

    /// <summary>Production, unless it is known to be something else.</summary>
    public string? Entorno { get; init; }

    public AdoptionRequest ToRequest() => new(ProductKeepsOwner == true, BackupStatement, Password);
}

/// <summary>Adopts the database of a tenant that the product registered.</summary>
internal sealed record AdoptClienteRequest
{
    public bool? ProductKeepsOwner { get; init; }
    public string? BackupStatement { get; init; }

    /// <summary>The caller's own password.</summary>
    public string? Password { get; init; }

    public AdoptionRequest ToRequest() => new(ProductKeepsOwner == true, BackupStatement, Password);
}

/// <summary>Adopts the databases of many tenants that the product registered.</summary>
internal sealed record AdoptManyRequest
{
    /// <summary>The tenants; all that are not adopted when left out.</summary>
    public IReadOnlyList<int>? Ids { get; init; }
    public bool? ProductKeepsOwner { get; init; }
    public string? BackupStatement { get; init; }

    /// <summary>The caller's own password.</summary>
    public string? Password { get; init; }

    public AdoptionRequest ToRequest() => new(ProductKeepsOwner == true, BackupStatement, Password);
}

/// <summary>Undoes an adoption.</summary>
internal sealed record UndoAdoptionRequest
{
    public string? Reason { get; init; }
}
