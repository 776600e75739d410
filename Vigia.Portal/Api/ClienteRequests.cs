using System.Text.Json;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>What may be changed of a client.</summary>
internal record ClienteFields
{
    public string? RazonSocial { get; init; }
    public string? CorreoAcceso { get; init; }
    public string? ContactoNombre { get; init; }
    public string? Plan { get; init; }
    public string? Entorno { get; init; }
    public bool LimitarEmision { get; init; }
    public long? MaxComprobantes { get; init; }
    public long? MaxUsuarios { get; init; }
    public long? MaxEstablecimientos { get; init; }
    public JsonElement? Config { get; init; }

    public static ClienteFields Of(TenantDetails details) => new()
    {
        RazonSocial = details.LegalName,
        CorreoAcceso = details.AccessEmail,
        ContactoNombre = details.ContactName,
        Plan = details.Plan,
        Entorno = details.Environment,
        LimitarEmision = details.LimitIssuance,
        MaxComprobantes = details.MaxDocuments,
        MaxUsuarios = details.MaxUsers,
        MaxEstablecimientos = details.MaxEstablishments,
    };

    /// <param name="config">The configuration when none was given.</param>
    public TenantDetails ToDetails(string? config = null) => new()
    {
        LegalName = RazonSocial,
        AccessEmail = CorreoAcceso,
        ContactName = ContactoNombre,
        Plan = Plan,
        Environment = Entorno,
        LimitIssuance = LimitarEmision,
        MaxDocuments = MaxComprobantes,
        MaxUsers = MaxUsuarios,
        MaxEstablishments = MaxEstablecimientos,
        Config = Config is { } given ? given.GetRawText() : config,
    };
}

/// <summary>A client to be registered.</summary>
internal sealed record NewCliente : ClienteFields
{
    public string? Ruc { get; init; }
    public string? Subdominio { get; init; }
    public bool Provision { get; init; } = true;

    public RegisterTenant ToRequest() => new() { Ruc = Ruc, Subdomain = Subdominio, Provision = Provision, Details = ToDetails() };
}

/// <summary>Suspends or reactivates; flips when <c>is_active</c> is left out.</summary>
internal sealed record ToggleRequest
{
    public bool? IsActive { get; init; }
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Withdraws, or with <c>?hard=true</c> deletes.</summary>
internal sealed record DeleteRequest
{
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }

    /// <summary>The client's sub-domain.</summary>
    public string? Confirm { get; init; }

    /// <summary>The caller's own.</summary>
    public string? Password { get; init; }
    public int? RetentionDays { get; init; }
}

/// <summary>Corrects a wrong RUC.</summary>
internal sealed record RucRequest
{
    public string? Ruc { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Takes a client out of the trash.</summary>
internal sealed record RestoreRequest
{
    /// <summary>Another sub-domain, when the old one was taken meanwhile.</summary>
    public string? Subdominio { get; init; }
}

/// <summary>Asks for a new invitation.</summary>
internal sealed record InvitationRequest
{
    public string? Reason { get; init; }
}

/// <summary>A new invitation.</summary>
/// <param name="Url">The one-time link, for who may see it.</param>
/// <param name="SentTo">The address on file.</param>
/// <param name="Mailed">Whether it goes out by mail; else who sees the link hands it over.</param>
/// <param name="ExpiresAt">When the link stops working.</param>
internal sealed record InvitationAnswer(string? Url, string SentTo, bool Mailed, DateTimeOffset ExpiresAt);
