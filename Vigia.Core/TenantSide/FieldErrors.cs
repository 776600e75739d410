using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.TenantSide;

/// <summary>Collects what is wrong with the fields of a request, under their names in the HTTP API.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, IReadOnlyList<Message>> _errors = [];

    /// <summary>Notes a problem; null is none.</summary>
    public void Add(string field, Message? problem)
    {
        if (problem is not null)
        {
            _errors.TryAdd(field, [problem]);
        }
    }

    /// <summary>Returns a text in its stored form. Notes what is wrong with it.</summary>
    public string? Text(string field, string? text, int longest, bool isRequired = false)
    {
        var clean = SafeText.Clean(text);
        Add(field, clean is null ? isRequired ? new Message("field_required") : null
            : SafeText.Problem(clean, longest));
        return clean;
    }

    /// <summary>Returns one of a few words, or the default.</summary>
    public string Choice(string field, string? text, IReadOnlyCollection<string> choices, string? otherwise)
    {
        var given = SafeText.Clean(text) ?? otherwise;
        Add(field, given is null ? new Message("field_required")
            : choices.Contains(given) ? null : new Message("parameter_choice", string.Join(", ", choices)));
        return given ?? "";
    }

    /// <summary>Notes a number that is missing or out of its range.</summary>
    public void Range(string field, decimal? number, decimal least, decimal most, bool isRequired = false) =>
        Add(field, number is null ? isRequired ? new Message("field_required") : null
            : number >= least && number <= most ? null
            : new Message("parameter_between", least.ToString(CultureInfo.InvariantCulture),
                most.ToString(CultureInfo.InvariantCulture)));

    /// <exception cref="InvalidInputException">Something is wrong.</exception>
    public void Demand()
    {
        if (_errors.Count > 0)
        {
            throw new InvalidInputException(_errors);
        }
    }
}
