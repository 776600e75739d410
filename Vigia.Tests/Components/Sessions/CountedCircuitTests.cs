using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Vigia.Portal.Components.Sessions;
using Vigia.Portal.Components.Transport;

namespace Vigia.Tests.Components.Sessions;

/// <summary>
/// A circuit that comes without having asked for its document, or after a document that there was room for, is counted
/// like any other. The page that says so politely is in <see cref="Browser.Sessions.OpenPagesTests"/>.
/// </summary>
public sealed class CountedCircuitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_OverTheLimitOfAPerson_IsEndedAndFreesNoPlace()
    {
        var pages = Pages(ofPerson: 2, all: 10);
        var (one, two, three) = (Circuit(pages, "ana"), Circuit(pages, "ana"), Circuit(pages, "ana"));
        await OpenAsync(one);
        await OpenAsync(two);

        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(three));
        await CloseAsync(three);

        Assert.Equal(PageRoom.PersonHasTooMany, pages.RoomFor(Person("ana")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(Circuit(pages, "ana")));
        await OpenAsync(Circuit(pages, "eva"));
        await CloseAsync(two);
        await CloseAsync(two);
        Assert.Equal(PageRoom.Enough, pages.RoomFor(Person("ana")));
        await OpenAsync(Circuit(pages, "ana"));
        Assert.Equal(PageRoom.PersonHasTooMany, pages.RoomFor(Person("ana")));
    }

    [Fact]
    public async Task Open_OverTheLimitOfTheProcess_IsEnded()
    {
        var pages = Pages(ofPerson: 2, all: 3);
        var first = Circuit(pages, "ana");
        await OpenAsync(first);
        await OpenAsync(Circuit(pages, "eva"));
        await OpenAsync(Circuit(pages, "leo"));

        Assert.Equal(PageRoom.PortalHasTooMany, pages.RoomFor(Person("ana")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(Circuit(pages, "ana")));
        await CloseAsync(first);
        await OpenAsync(Circuit(pages, "eva"));
    }

    [Fact]
    public async Task Open_ManyAtOnce_OnlyUpToTheLimit()
    {
        var pages = Pages(ofPerson: 5, all: 100);

        var opened = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            try
            {
                await OpenAsync(Circuit(pages, "ana"));
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        })));

        Assert.Equal(5, opened.Count(isOpen => isOpen));
    }

    private static OpenPages Pages(int ofPerson, int all) =>
        new(Options.Create(new LimitOptions { OpenPagesPerPerson = ofPerson, OpenPages = all }));

    private static CountedCircuit Circuit(OpenPages pages, string person) => new(pages, new Known(Person(person)));

    // The framework alone makes circuits, and the handler does not look at its own.
    private static Task OpenAsync(CountedCircuit circuit) => circuit.OnCircuitOpenedAsync(null!, Cancellation);

    private static Task CloseAsync(CountedCircuit circuit) => circuit.OnCircuitClosedAsync(null!, Cancellation);

    private static ClaimsPrincipal Person(string id) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id)], "test"));

    private sealed class Known(ClaimsPrincipal person) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(person));
    }
}
