using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tokens;

/// <summary>The form for a new API token.</summary>
public sealed class TokenForm
{
    private const int UsualDays = 90;
    private readonly Actor _actor;

    public TokenForm(Actor actor, DateTimeOffset now)
    {
        _actor = actor;
        Today = LimaTime.DayOf(now);
        EndsOn = (DateOnly?)Today.AddDays(UsualDays);
        Groups = TokenWords.GroupsOf(actor);
        ChooseLooking();
    }

    public DateOnly Today { get; }

    public DateOnly Latest => Today.AddDays(ApiTokens.MostDays);

    public string Name { get; set; } = "";

    public DayEntry EndsOn { get; set; }

    public IReadOnlyList<(string Key, IReadOnlyList<string> Rights)> Groups { get; }

    public HashSet<string> Rights { get; } = [];

    public IEnumerable<string> All => Groups.SelectMany(group => group.Rights);

    private IEnumerable<string> Looking => TokenWords.Groups[0].Rights.Where(_actor.May);

    public bool IsLooking => Rights.SetEquals(Looking);

    public bool IsAll => Rights.SetEquals(All);

    public Dictionary<string, string> Errors { get; private set; } = [];

    public void ChooseLooking() => Choose(Looking);

    public void ChooseAll() => Choose(All);

    public void ChooseNone() => Choose([]);

    public void Toggle(string right, bool wanted)
    {
        if (wanted)
        {
            Rights.Add(right);
        }
        else
        {
            Rights.Remove(right);
        }
    }

    public NewApiToken ToToken() => new(Name, [.. Rights], EndsOn.Day);

    public void Show(InvalidInputException? invalid) =>
        Errors = invalid?.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render()) ?? [];

    public string? Error(string field) => Errors.GetValueOrDefault(field);

    public string Invalid(string field) => Errors.ContainsKey(field) ? "true" : "false";

    private void Choose(IEnumerable<string> rights)
    {
        Rights.Clear();
        Rights.UnionWith(rights);
    }
}
