using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Portal.Api;

/// <summary>The type of a query string parameter.</summary>
internal enum QueryType
{
    Text,
    Integer,
    Long,
    Boolean,
    Guid,

    /// <summary>RFC 3339.</summary>
    Time,
}

/// <summary>A parameter of the query string, for the check of requests and for the document.</summary>
internal sealed record QueryParameter(string Name, QueryType Type = QueryType.Text)
{
    public IReadOnlyList<string>? Choices { get; init; }
    public int Least { get; init; } = int.MinValue;
    public int Most { get; init; } = int.MaxValue;

    /// <summary>Shown in the document. The handler applies it.</summary>
    public object? Default { get; init; }

    public static readonly QueryParameter Page = new("page", QueryType.Integer) { Least = 1, Default = 1 };
    public static readonly QueryParameter PageSize =
        new("page_size", QueryType.Integer) { Least = 1, Most = 200, Default = 20 };
}

/// <summary>
/// The parameters that an endpoint accepts. Others are refused, because a misspelt filter would silently list
/// everything.
/// </summary>
internal sealed record QueryParameters(IReadOnlyList<QueryParameter> All)
{
    public static readonly QueryParameters None = new([]);
}

/// <summary>The query string of a request, checked against the parameters of its endpoint.</summary>
internal sealed class QueryValues
{
    internal const int LongestText = 300;
    private readonly Dictionary<string, object> _values;

    private QueryValues(Dictionary<string, object> values) => _values = values;

    public int Page => Integer("page") ?? 1;

    public int PageSize => Integer("page_size") ?? 20;

    /// <exception cref="InvalidInputException">Errors by parameter.</exception>
    public static ValueTask<QueryValues> BindAsync(HttpContext context)
    {
        var parameters = context.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>() ?? QueryParameters.None;
        var (values, errors) = (new Dictionary<string, object>(), new Dictionary<string, IReadOnlyList<Message>>());
        foreach (var (name, texts) in context.Request.Query)
        {
            if (parameters.All.FirstOrDefault(p => p.Name == name) is not { } parameter)
            {
                errors[name] = [new Message("parameter_unknown")];
            }
            else if (texts.Count != 1)
            {
                errors[name] = [new Message("parameter_twice")];
            }
            else if (texts[0] is { Length: > 0 } text && Read(parameter, text, out var value) is { } wrong)
            {
                errors[name] = [wrong];
            }
            else if (texts[0] is { Length: > 0 } given)
            {
                _ = Read(parameter, given, out value);
                values[name] = value!;
            }
        }

        return errors.Count == 0 ? ValueTask.FromResult(new QueryValues(values))
            : throw new InvalidInputException(errors);
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name) as string;

    public int? Integer(string name) => _values.GetValueOrDefault(name) as int?;

    public long? Long(string name) => _values.GetValueOrDefault(name) as long?;

    public bool? Boolean(string name) => _values.GetValueOrDefault(name) as bool?;

    public Guid? Guid(string name) => _values.GetValueOrDefault(name) as Guid?;

    public DateTimeOffset? Time(string name) => _values.GetValueOrDefault(name) as DateTimeOffset?;

    private static Message? Read(QueryParameter parameter, string text, out object? value)
    {
        value = text;
        if (SafeText.Problem(text, LongestText) is { } unsafeText)
        {
            return unsafeText;
        }

        var culture = CultureInfo.InvariantCulture;
        switch (parameter.Type)
        {
            case QueryType.Integer when int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number)
                && number >= parameter.Least && number <= parameter.Most:
                value = number;
                return null;
            case QueryType.Integer when parameter.Most == int.MaxValue:
                return new Message("parameter_number", Math.Max(parameter.Least, 0).ToString(culture));
            case QueryType.Integer:
                return new Message("parameter_between", parameter.Least.ToString(culture),
                    parameter.Most.ToString(culture));
            case QueryType.Long:
                value = long.TryParse(text, NumberStyles.None, culture, out var large) ? large : null;
                return value is null ? new Message("parameter_number", "0") : null;
            case QueryType.Boolean:
                value = text is "true" or "false" ? text == "true" : null;
                return value is null ? new Message("parameter_choice", "true, false") : null;
            case QueryType.Guid:
                value = System.Guid.TryParseExact(text, "D", out var id) ? id : null;
                return value is null ? new Message("parameter_guid") : null;
            case QueryType.Time:
                value = ReadTime(text);
                return value is null ? new Message("parameter_time") : null;
            default:
                return parameter.Choices is { } choices
                    && !choices.Contains(text) ? new Message("parameter_choice", string.Join(", ", choices)) : null;
        }
    }

    // A time without an offset would mean a different moment on each machine.
    private static DateTimeOffset? ReadTime(string text) =>
        text.Length >= 20 && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToUniversalTime() : null;
}
