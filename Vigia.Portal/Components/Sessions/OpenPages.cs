using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Counts the open pages of this process, those with a lost connection too, so that nobody takes all of its memory.
/// State of the process: the open circuits of each person.
/// </summary>
public sealed class OpenPages(IOptions<LimitOptions> limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ofPerson = [];
    private int _all;

    /// <summary>The most pages that one person may have open.</summary>
    public int MostOfOnePerson => limits.Value.OpenPagesPerPerson;

    /// <summary>Whether one more page can be opened for this person.</summary>
    public PageRoom RoomFor(ClaimsPrincipal user)
    {
        lock (_gate)
        {
            return RoomFor(IdOf(user));
        }
    }

    /// <summary>Counts one more page, if there is room.</summary>
    public bool TryOpen(string person)
    {
        lock (_gate)
        {
            if (RoomFor(person) != PageRoom.Enough)
            {
                return false;
            }

            _ofPerson[person] = _ofPerson.GetValueOrDefault(person) + 1;
            _all++;
            return true;
        }
    }

    /// <summary>Counts a page no longer.</summary>
    public void Close(string person)
    {
        lock (_gate)
        {
            _all--;
            if (--_ofPerson[person] == 0)
            {
                _ofPerson.Remove(person);
            }
        }
    }

    public static string IdOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";

    private PageRoom RoomFor(string person) =>
        _ofPerson.GetValueOrDefault(person) >= limits.Value.OpenPagesPerPerson ? PageRoom.PersonHasTooMany
        : _all >= limits.Value.OpenPages ? PageRoom.PortalHasTooMany
        : PageRoom.Enough;
}

/// <summary>Whether one more page can be opened.</summary>
public enum PageRoom
{
    Enough,
    PersonHasTooMany,
    PortalHasTooMany,
}

/// <summary>
/// Counts its circuit. The document says politely that there are too many pages; a circuit that comes anyway ends here.
/// </summary>
internal sealed class CountedCircuit(OpenPages pages, AuthenticationStateProvider authentication) : CircuitHandler
{
    private string? _person;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var person = OpenPages.IdOf((await authentication.GetAuthenticationStateAsync()).User);
        if (!pages.TryOpen(person))
        {
            throw new InvalidOperationException("There are too many open pages (settings of the section Limits).");
        }

        _person = person;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _person, null) is { } person)
        {
            pages.Close(person);
        }

        return Task.CompletedTask;
    }
}
