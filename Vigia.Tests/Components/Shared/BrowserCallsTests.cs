using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Shared;

public sealed class BrowserCallsTests : ComponentTest
{
    private const string Function = "vigia.goTo";

    private BrowserCalls Calls => Services.GetRequiredService<BrowserCalls>();

    private int Sent => JSInterop.Invocations[Function].Count;

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public async Task GoTo_NoAnswerFromTheBrowser_IsRepeatedUntilItArrives()
    {
        JSInterop.Setup<bool>(Function, _ => true);
        var from = Navigation.Uri;

        Calls.GoTo("/clientes/7");
        Assert.Equal([from, "/clientes/7", false, false, false], JSInterop.Invocations[Function].Single().Arguments);

        // A line that is dead without anybody knowing it: a pulled cable is noticed after half a minute.
        for (var repeat = 2; repeat <= 8; repeat++)
        {
            Time.Advance(TimeSpan.FromSeconds(5.1));
            await ReachAsync(repeat);
        }

        Assert.Equal([from, "/clientes/7", true, false, false], JSInterop.Invocations[Function][^1].Arguments);
    }

    [Fact]
    public async Task GoTo_AnsweredAndArrived_IsNotSentAgain()
    {
        JSInterop.Setup<bool>(Function, _ => true).SetResult(true);

        Calls.GoTo("/clientes/7");
        Navigation.NavigateTo("/clientes/7");
        await LoseAsync();

        Assert.Equal(1, Sent);
    }

    [Fact]
    public async Task GoTo_NewAddressNotReported_IsRepeated()
    {
        JSInterop.Setup<bool>(Function, _ => true).SetResult(true);

        Calls.GoTo("/clientes/7");
        await LoseAsync();

        await ReachAsync(2);
    }

    [Fact]
    public async Task GoTo_PersonIsElsewhere_IsGivenUp()
    {
        JSInterop.Setup<bool>(Function, call => call.Arguments[2] is true).SetResult(false);
        JSInterop.Setup<bool>(Function, call => call.Arguments[2] is false);

        Calls.GoTo("/clientes/7");
        Time.Advance(TimeSpan.FromSeconds(5.1));
        await ReachAsync(2);
        await LoseAsync();

        Assert.Equal(2, Sent);
    }

    [Fact]
    public async Task GoTo_NewerNavigation_EndsTheRepeatsOfTheOlderOne()
    {
        JSInterop.Setup<bool>(Function, _ => true);

        Calls.GoTo("/clientes/7");
        Calls.GoTo("/clientes/8");
        Time.Advance(TimeSpan.FromSeconds(5.1));
        await ReachAsync(3);

        Assert.Equal("/clientes/8", JSInterop.Invocations[Function][^1].Arguments[1]);
    }

    [Fact]
    public async Task AskOutcome_ConnectionLost_IsTheAnswerGivenMeanwhile()
    {
        JSInterop.Setup<string>("vigia.add", "clave");
        JSInterop.Setup<string>("vigia.added").SetResult("stored");
        var answer = Calls.AskOutcomeAsync<string>(
            "vigia.add", "vigia.added", Xunit.TestContext.Current.CancellationToken, "clave");

        await LoseAsync();

        Assert.Equal("stored", await answer);
    }

    private async Task LoseAsync()
    {
        var line = Services.GetRequiredService<CircuitLine>();
        await line.OnConnectionDownAsync(null!, Xunit.TestContext.Current.CancellationToken);
        await line.OnConnectionUpAsync(null!, Xunit.TestContext.Current.CancellationToken);
    }

    private Task ReachAsync(int calls) => Eventually.HoldsAsync(
        $"{calls} calls were sent", () => Task.FromResult(Sent == calls),
        Xunit.TestContext.Current.CancellationToken);
}
