using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vigia.Core.Errors;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>The rules of a client's other fields. Each gives what is wrong, or null.</summary>
public static partial class TenantRules
{
    public const int MaxConfigBytes = 256 * 1024;
    public const int MaxConfigDepth = 32;

    /// <summary>Why a client is made inactive (facts 7.15).</summary>
    public static readonly IReadOnlyList<string> ReasonCodes = ["falta_de_pago", "fin_de_contrato", "pedido_del_cliente", "seguridad", "fin_de_prueba", "otro"];

    public static Message? LegalName(string? text) =>
        string.IsNullOrWhiteSpace(text) ? new Message("razon_social_required") : SafeText.Problem(text, 255);

    public static Message? Email(string? text) => text switch
    {
        null or "" => new Message("correo_required"),
        { Length: > 255 } => new Message("text_too_long", "255"),
        _ when SafeText.Problem(text) is { } problem => problem,
        _ when !EmailForm().IsMatch(text) => new Message("correo_form"),
        _ => null,
    };

    public static Message? ContactName(string? text) => SafeText.Problem(text, 255);

    public static Message? Environment(string? text) => TenantEnvironments.All.Contains(text) ? null : new Message("entorno_unknown");

    /// <summary>A limit as it was typed: null is unlimited; PostgreSQL's integer is the end.</summary>
    public static Message? Limit(long? value) => value switch
    {
        < 0 => new Message("limit_negative"),
        > int.MaxValue => new Message("limit_too_large", int.MaxValue.ToString("N0", CultureInfo.GetCultureInfo("es-PE"))),
        _ => null,
    };

    /// <summary>A JSON object of at most 256 KiB, at most 32 levels deep.</summary>
    public static Message? Config(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Message("config_not_object");
        }

        if (SafeText.Problem(text, multiLine: true) is { } problem)
        {
            return problem;
        }

        if (Encoding.UTF8.GetByteCount(text) > MaxConfigBytes)
        {
            return new Message("config_too_large", "256");
        }

        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxConfigDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new Message("config_not_object");
            }

            return HasForbiddenText(json.RootElement) ? new Message("config_forbidden_character") : null;
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return new Message("config_too_deep", MaxConfigDepth.ToString(CultureInfo.InvariantCulture));
        }
        catch (JsonException e)
        {
            return new Message(
                "config_no_json",
                ((e.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture), ((e.BytePositionInLine ?? 0) + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    public static Message? ReasonCode(string? code) => ReasonCodes.Contains(code) ? null : new Message("reason_code_required");

    public static Message? Reason(string? text) => SafeText.Problem(text, 1000, multiLine: true);

    /// <summary>A reason in words that has to be given.</summary>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public static void DemandReason(string? text)
    {
        if ((string.IsNullOrWhiteSpace(text) ? new Message("reason_required") : Reason(text)) is { } wrong)
        {
            throw new InvalidInputException("reason", wrong);
        }
    }

    // An escaped \u0000 or lone surrogate is valid JSON that jsonb refuses.
    private static bool HasForbiddenText(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => !IsStorable(element),
        JsonValueKind.Array => element.EnumerateArray().Any(HasForbiddenText),
        JsonValueKind.Object => element.EnumerateObject().Any(p => SafeText.Problem(p.Name) is not null || HasForbiddenText(p.Value)),
        _ => false,
    };

    private static bool IsStorable(JsonElement element)
    {
        try
        {
            return SafeText.Problem(element.GetString(), multiLine: true) is null;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses to read a lone surrogate.
            return false;
        }
    }

    // Deliberately plain (one @, a dotted domain, no spaces): whether it exists, only a mail can tell.
    [GeneratedRegex(@"^[^\s@<>()\[\],;:\\""]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailForm();
}
