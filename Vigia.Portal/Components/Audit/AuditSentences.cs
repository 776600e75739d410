using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>One value that was changed according to a record.</summary>
/// <param name="Name">The API's field name.</param>
/// <param name="Label">The field in words.</param>
/// <param name="Before">The value before, in words. Null when the record does not contain it.</param>
/// <param name="After">The value after.</param>
public sealed record AuditChange(string Name, string Label, string? Before, string? After);

/// <summary>A sentence, with the name of the tenant that it is about apart, so that it can be a link.</summary>
/// <param name="Before">The text before the name; the whole sentence when it names no tenant.</param>
/// <param name="Tenant">The name of the tenant; null when the sentence names none.</param>
/// <param name="After">The text after the name.</param>
public sealed record AuditSentence(string Before, string? Tenant = null, string After = "");

/// <summary>
/// Formats audit records as sentences in the reader's language: "cambió el límite de usuarios de 10 a 15".
/// </summary>
public sealed class AuditSentences(IStringLocalizer<AuditText> texts, IStringLocalizer<OperationText> operations)
{
    // A sentence names at most three changes. The details of the record show all of them.
    private const int MostNamed = 3;

    // Stands for the name while a sentence is built. No name has it: it is a character for private use.
    private const string Place = "\uE000";

    /// <summary>The codes of all actions that have a sentence, sorted.</summary>
    public IReadOnlyList<string> Actions =>
        [.. texts.GetAllStrings().Select(t => t.Name)
        .Where(name => name.Contains('.', StringComparison.Ordinal)
        && !name.StartsWith("Action_", StringComparison.Ordinal)
        && !name.StartsWith("Right_", StringComparison.Ordinal)
        && !name.StartsWith("Many_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The action in words, without the actor. The action's code when it has no sentence.</summary>
    public string Of(AuditEvent record, IReadOnlyDictionary<int, string> names)
    {
        var sentence = InParts(record, names);
        return sentence.Before + sentence.Tenant + sentence.After;
    }

    /// <summary>The same sentence, with the name of the tenant apart.</summary>
    public AuditSentence InParts(AuditEvent record, IReadOnlyDictionary<int, string> names)
    {
        var text = texts[SentenceOf(record)];
        if (text.ResourceNotFound)
        {
            return new AuditSentence(record.Action);
        }

        var subject = record.TenantId is null ? SubjectOf(record) : Place;
        var parts = Blanks.Fill(CultureInfo.CurrentCulture, text.Value, [subject, Detail(record, names)])
            .Split(Place, 2);
        return parts is [var before, var after] ? new AuditSentence(before, Name(record, names), after)
            : new AuditSentence(parts[0]);
    }

    /// <summary>The records of an operation about many tenants, as one sentence: "suspendió 240 clientes".</summary>
    public string Of(AuditEvent record, AuditFold fold) =>
        texts["Many_" + record.Action] is { ResourceNotFound: false } text
            ? Blanks.Fill(CultureInfo.CurrentCulture, text.Value, [fold.Tenants])
            : texts["ManyOf", Name(record.Action), fold.Tenants].Value;

    /// <summary>The actions whose words, as an option or as a sentence, have this folded word.</summary>
    public string[] ActionsWith(string word) =>
        [.. Actions.Where(action => SafeText.Fold(
            $"{Name(action)} {Blanks.Fill(CultureInfo.CurrentCulture, texts[action].Value, ["", ""])}")
            .Contains(word, StringComparison.Ordinal))];

    /// <summary>The name of the tenant that a record is about; what the record has when it is not known.</summary>
    public static string Name(AuditEvent record, IReadOnlyDictionary<int, string> names) =>
        record.TenantId is { } id && names.TryGetValue(id, out var name) ? name
            : record.Subdomain ?? $"#{record.TenantId}";

    /// <summary>An action as an option in a list.</summary>
    public string Name(string action) =>
        texts["Action_" + action] is { ResourceNotFound: false } named ? named.Value : action;

    /// <summary>The changes that the record contains, field by field.</summary>
    public IReadOnlyList<AuditChange> Changes(AuditEvent record, IReadOnlyDictionary<int, string> names)
    {
        var (before, after) = (Read(record.Before), Read(record.After));
        return [.. before.Keys.Union(after.Keys)
            .Select(name => new AuditChange(
                name, Label(NameLabel.FieldOf(record.Ruc, name)), ValueText(name, before, names),
                ValueText(name, after, names)))];
    }

    /// <summary>The meaning and the method of the signature, as 21 CFR 11.50(a) requires.</summary>
    public string? Signature(AuditEvent record) => record.SignatureMeaning is not { } meaning ? null
        : texts["Signed", new Message(meaning).Render(), record.ActorName, LimaTime.Exact(record.At),
            texts["SignedWith_" + (record.SignedWith ?? "password")].Value].Value;

    /// <summary>The reason in words: a record holds the code of a suspension, with what the person wrote.</summary>
    public string? Reason(AuditEvent record)
    {
        if (string.IsNullOrEmpty(record.Reason))
        {
            return null;
        }

        var parts = record.Reason.Split(": ", 2);
        return TenantRules.ReasonCodes.Contains(parts[0])
            && texts["Value_" + parts[0]] is { ResourceNotFound: false } word
                ? string.Join(": ", [word.Value, .. parts.Skip(1)]) : record.Reason;
    }

    // A deletion that drops the database at once is the same action as a move to the trash. The signature tells them
    // apart.
    private static string SentenceOf(AuditEvent record) =>
        record is { Action: "tenant.delete_requested", SignatureMeaning: "sign_tenant_purge" }
            ? "tenant.purge_requested" : record.Action;

    private string SubjectOf(AuditEvent record) => record.Subdomain
        ?? (Read(record.After).TryGetValue("member", out var member) ? member.ToString() : texts["Nobody"].Value);

    private string Detail(AuditEvent record, IReadOnlyDictionary<int, string> names)
    {
        var (before, after) = (Read(record.Before), Read(record.After));
        if (before.Count > 0 && before.Keys.Intersect(after.Keys).Any())
        {
            var changed = before.Keys.Intersect(after.Keys).ToList();
            var named = changed.Take(MostNamed)
                .Select(name => name == "config" ? Phrase(name)
                : texts["FromTo", Phrase(NameLabel.FieldOf(record.Ruc, name)), ValueText(name, before, names)!,
                    ValueText(name, after, names)!].Value);
            return string.Join(", ",
                changed.Count > MostNamed ? named.Append(texts["AndMore", changed.Count - MostNamed].Value) : named);
        }

        return (after.Count > 0 ? after : before)
            .FirstOrDefault() is { Key: { } first } ? ValueText(first, after.Count > 0 ? after : before, names)! : "";
    }

    private string Label(string name) =>
        texts["Field_" + name] is { ResourceNotFound: false } label ? label.Value : name;

    private string Phrase(string name) =>
        texts["The_" + name] is { ResourceNotFound: false } phrase ? phrase.Value : Label(name);

    private static Dictionary<string, JsonElement> Read(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json, StorableJson.AnyDepth);
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.Clone()) : [];
    }

    private string? ValueText(
        string name, Dictionary<string, JsonElement> values, IReadOnlyDictionary<int, string> names) =>
        !values.TryGetValue(name, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Null =>
                texts[name.StartsWith("max_", StringComparison.Ordinal) ? "Unlimited"
                    : name == "tenant_ids" ? "AllTenants" : "Nothing"].Value,
            JsonValueKind.True => texts["Yes"].Value,
            JsonValueKind.False => texts["No"].Value,
            JsonValueKind.Number when name == "size_bytes" && value.TryGetInt64(out var size) => HumanSize.Format(size),
            JsonValueKind.Number when TenantNames.IsTenantId(name) && value.TryGetInt32(out var id) =>
                names.TryGetValue(id, out var tenant) ? tenant : $"#{id}",
            JsonValueKind.Number =>
                value.TryGetInt64(out var number)
                    ? number.ToString("N0", CultureInfo.CurrentCulture) : value.GetRawText(),
            JsonValueKind.Array when value.GetArrayLength() == 0 => texts["Nothing"].Value,
            JsonValueKind.Array =>
                string.Join(", ", value.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.String ? ValueText(name, item.GetString()!)
                    : name == "tenant_ids" && item.ValueKind == JsonValueKind.Number
                        && item.TryGetInt32(out var one) && names.TryGetValue(one, out var chosen)
                        ? chosen : item.ToString())),
            JsonValueKind.String => ValueText(name, value.GetString()!),
            _ => AuditedMessage.Read(value)?.Render() ?? value.GetRawText(),
        };

    private string ValueText(string name, string value) => name switch
    {
        "kind" => OperationWords.KindOf(value, operations),
        "error" or "why" => new Message(value).Render(),
        _ when value.Length >= 19 && value[4] == '-'
            && DateTimeOffset.TryParse(
            value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) => LimaTime.Exact(at),
        _ => texts["Value_" + value] is { ResourceNotFound: false } word ? word.Value : value,
    };
}
