using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// A field that can be changed: its name in the HTTP API and the audit trail, and how to read and write it.
/// </summary>
internal sealed record TenantField(
    string Name, Func<TenantDetails, object?> Read, Action<Tenant, TenantDetails> Write, bool IsLimit = false)
{
    private const string ConfigName = "config";

    public static readonly IReadOnlyList<TenantField> All =
    [
        new("razon_social", d => SafeText.Clean(d.LegalName), (t, d) => t.Rename(SafeText.Clean(d.LegalName))),
        new("correo_acceso", d => Address(d.AccessEmail), (t, d) => t.MoveAccessTo(Address(d.AccessEmail))),
        new("contacto_nombre", d => SafeText.Clean(d.ContactName),
            (t, d) => t.ChangeContact(SafeText.Clean(d.ContactName))),
        new("plan", d => d.Plan, (t, d) => t.ChangePlan(d.Plan)),
        new("entorno", d => d.Environment, (t, d) => t.ChooseEnvironment(d.Environment)),
        new("limitar_emision", d => d.LimitIssuance, (t, d) => t.EnforceIssuanceLimit(d.LimitIssuance), IsLimit: true),
        new("max_comprobantes", d => d.MaxDocuments, (t, d) => t.LimitDocuments((int?)d.MaxDocuments), IsLimit: true),
        new("max_usuarios", d => d.MaxUsers, (t, d) => t.LimitUsers((int?)d.MaxUsers), IsLimit: true),
        new("max_establecimientos", d => d.MaxEstablishments,
            (t, d) => t.LimitEstablishments((int?)d.MaxEstablishments), IsLimit: true),
        new(ConfigName, d => Json(d.Config), (t, d) => t.Configure(Json(d.Config))),
    ];

    /// <summary>
    /// Whether both have the same value. JSON is compared by meaning, because jsonb does not keep the original text.
    /// </summary>
    public bool IsSame(TenantDetails one, TenantDetails other) =>
        Name != ConfigName ? Equals(Read(one), Read(other)) : one.Config == other.Config
            || AreSameJson(Json(one.Config), Json(other.Config));

    /// <summary>
    /// The value for the audit trail. A configuration that the product or psql wrote may be of any size: of one that is
    /// too large, the append-only trail keeps the length and the SHA-256 of its text.
    /// </summary>
    public object? Audited(TenantDetails details)
    {
        if (Name != ConfigName)
        {
            return Read(details);
        }

        var config = Json(details.Config);
        if (TenantRules.Config(config) is null)
        {
            return JsonSerializer.Deserialize<JsonElement>(config);
        }

        var bytes = Encoding.UTF8.GetBytes(config);
        return bytes.Length <= TenantRules.MaxConfigBytes ? config : JsonSerializer.SerializeToElement(
            new Dictionary<string, object>
            {
                ["bytes"] = bytes.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            });
    }

    private static string? Address(string? email) =>
        SafeText.Clean(email) is { } text ? EmailAddress.ToStored(text) : null;

    private static string Json(string? config) => string.IsNullOrWhiteSpace(config) ? "{}" : config;

    private static bool AreSameJson(string one, string other)
    {
        if (TenantRules.Config(one) is not null || TenantRules.Config(other) is not null)
        {
            return false;
        }

        using var first = JsonDocument.Parse(one);
        using var second = JsonDocument.Parse(other);
        return JsonElement.DeepEquals(first.RootElement, second.RootElement);
    }
}
