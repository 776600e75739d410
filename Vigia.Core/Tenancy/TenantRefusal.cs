using System.Text.Json;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Why a request reaches no tenant's database. Each has one code and one status of HTTP.
/// See docs/rules.md#tenant-resolution.
/// </summary>
public enum TenantRefusal
{
    None,

    /// <summary>The header X-Tenant is empty, too long, doubled, or no sub-domain.</summary>
    HeaderInvalid,

    /// <summary>Nothing in the request names a tenant.</summary>
    Required,

    /// <summary>Header, token and host name different tenants.</summary>
    Mismatch,

    /// <summary>No tenant has this name.</summary>
    Unknown,

    /// <summary>
    /// It has another sub-domain now, and something in the request still says the former one. The entry is the tenant
    /// with its new name. That is told only to a request with a claim, whose token belongs to this tenant; a page
    /// redirects.
    /// </summary>
    Renamed,

    /// <summary>It is suspended, withdrawn, expired, or being deleted.</summary>
    Inactive,

    /// <summary>Its database was not made yet, or is not managed by the portal.</summary>
    NotReady,

    /// <summary>Its database does not exist any more.</summary>
    DatabaseMissing,

    /// <summary>Its database exists and refuses sessions.</summary>
    DatabaseUnreachable,

    /// <summary>
    /// This instance does not know the name, and can't be sure that nobody has it: it has not read the registry yet, or
    /// the master does not answer.
    /// </summary>
    RegistryUnavailable,

    /// <summary>All connections that this instance may have are in use, and none became free in time.</summary>
    ConnectionsBusy,
}

/// <summary>The code and the status of each refusal.</summary>
public static class TenantRefusals
{
    /// <summary>The stable code, such as <c>tenant_unknown</c>. Null for none.</summary>
    public static string? CodeOf(TenantRefusal refusal) => refusal switch
    {
        TenantRefusal.None => null,
        TenantRefusal.DatabaseMissing or TenantRefusal.DatabaseUnreachable or TenantRefusal.RegistryUnavailable
            or TenantRefusal.ConnectionsBusy => JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString()),
        _ => $"tenant_{JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString())}",
    };

    /// <summary>The status of HTTP (docs/rules.md#tenant-resolution). 200 for none.</summary>
    public static int StatusOf(TenantRefusal refusal) => refusal switch
    {
        TenantRefusal.None => 200,
        TenantRefusal.HeaderInvalid or TenantRefusal.Required => 400,
        TenantRefusal.Mismatch or TenantRefusal.Inactive => 403,
        TenantRefusal.Unknown => 404,
        TenantRefusal.Renamed => 410,
        _ => 503,
    };
}
