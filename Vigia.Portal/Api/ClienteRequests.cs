using System.Text.Json;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Api;

/// <summary>The fields of a tenant that can be changed.</summary>
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

    /// <param name="config">The configuration to use when none was given.</param>
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

/// <summary>A tenant to register.</summary>
internal sealed record NewCliente : ClienteFields
{
    public string? Ruc { get; init; }
    public string? Subdominio { get; init; }
    public bool Provision { get; init; } = true;

    public RegisterTenant ToRequest() =>
        new() { Ruc = Ruc, Subdomain = Subdominio, Provision = Provision, Details = ToDetails() };
}

/// <summary>Suspends or reactivates a tenant. Toggles when <c>is_active</c> is absent.</summary>
internal sealed record ToggleRequest
{
    public bool? IsActive { get; init; }
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Withdraws a tenant, or deletes it with <c>?hard=true</c>.</summary>
internal sealed record DeleteRequest
{
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }

    /// <summary>The tenant's sub-domain.</summary>
    public string? Confirm { get; init; }

    /// <summary>The caller's own password.</summary>
    public string? Password { get; init; }
    public int? RetentionDays { get; init; }
}

/// <summary>Corrects a wrong RUC.</summary>
internal sealed record RucRequest
{
    public string? Ruc { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Converts a demo tenant to production.</summary>
internal sealed record ConversionRequest
{
    public DateTimeOffset? ExpiresAt { get; init; }
    public string? Plan { get; init; }

    /// <summary>Keeps the present limits although the plan changes.</summary>
    public bool? KeepLimits { get; init; }
    public bool? RemoveDemoData { get; init; }

    /// <summary>Returns the tenant as it would be after the conversion, and changes nothing.</summary>
    public bool? Preview { get; init; }
}

/// <summary>Restores a tenant from the trash.</summary>
internal sealed record RestoreRequest
{
    /// <summary>Another sub-domain, for the case that the old one is taken.</summary>
    public string? Subdominio { get; init; }
}

/// <summary>Requests a new invitation.</summary>
internal sealed record InvitationRequest
{
    public string? Reason { get; init; }
}

/// <summary>A new invitation.</summary>
/// <param name="SentTo">The address on file.</param>
/// <param name="ExpiresAt">The time when the link expires.</param>
internal sealed record InvitationAnswer(string SentTo, DateTimeOffset ExpiresAt);
