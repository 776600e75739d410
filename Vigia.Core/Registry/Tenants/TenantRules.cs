using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Registry.Tenants;

/// <summary>The rules for the other fields of a tenant. Each method says what is wrong, or returns null.</summary>
public static class TenantRules
{
    public const int MaxConfigBytes = 256 * 1024;

    /// <summary>The reason codes for making a tenant inactive. See docs/rules.md#reason-codes.</summary>
    public static readonly IReadOnlyList<string> ReasonCodes =
        ["falta_de_pago", "fin_de_contrato", "pedido_del_cliente", "seguridad", "fin_de_prueba", "otro"];

    public static Message? LegalName(string? text) =>
        string.IsNullOrWhiteSpace(text) ? new Message("razon_social_required") : SafeText.Problem(text, 255);

    public static Message? Email(string? text) =>
        string.IsNullOrEmpty(text) ? new Message("correo_required") : EmailAddress.Problem(text);

    public static Message? ContactName(string? text) => SafeText.Problem(text, 255);

    public static Message? Environment(string? text) =>
        TenantEnvironments.All.Contains(text) ? null : new Message("entorno_unknown");

    /// <summary>Checks a limit. Null is unlimited. The largest limit is PostgreSQL's largest integer.</summary>
    public static Message? Limit(long? value) => value switch
    {
        < 0 => new Message("limit_negative"),
        > int.MaxValue => new Message(
            "limit_too_large", int.MaxValue.ToString(CultureInfo.InvariantCulture)),
        _ => null,
    };

    /// <summary>
    /// Checks a JSON object: at most 256 KiB, at most 32 levels deep, and stored by jsonb without a change. See
    /// <see cref="StorableJson"/>.
    /// </summary>
    public static Message? Config(string? text) => StorableJson.ObjectProblem(text, MaxConfigBytes);

    public static Message? ReasonCode(string? code) =>
        ReasonCodes.Contains(code) ? null : new Message("reason_code_required");

    public static Message? Reason(string? text) => SafeText.Problem(text, 1000, multiLine: true);

    /// <summary>Throws when the reason is missing or invalid.</summary>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public static void DemandReason(string? text)
    {
        if ((string.IsNullOrWhiteSpace(text) ? new Message("reason_required") : Reason(text)) is { } wrong)
        {
            throw new InvalidInputException("reason", wrong);
        }
    }
}
