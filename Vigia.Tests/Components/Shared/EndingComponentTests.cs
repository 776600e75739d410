using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Npgsql;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

/// <summary>A master that is away while a part of a page reads in a life-cycle method.</summary>
public sealed class EndingComponentTests : ComponentTest
{
    [Fact]
    public async Task LifeCycle_OfASection_ReadsAgainUntilTheMasterAnswers()
    {
        var part = Render<Part>();
        Assert.Equal("- - -", part.Markup);

        await part.WaitForStateAsync(() => part.Markup == "fetched read drawn", TimeSpan.FromSeconds(30));

        Assert.Equal(2, part.Instance.Tries["fetched"]);
    }

    [Fact]
    public void LifeCycle_OfAPageBeingOpened_Fails() =>
        Assert.Throws<NpgsqlException>(() => Render<WholePage>());

    [Fact]
    public async Task LifeCycle_OfAnOpenPage_ReadsAgain()
    {
        var page = Render<WholePage>(p => p.Add(c => c.IsThere, true));

        page.Render(p => p.Add(c => c.IsThere, false));

        await page.WaitForStateAsync(() => page.Markup == "fetched read drawn", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Handler_WhileTheMasterIsAway_SaysSoAtOnce()
    {
        var part = Render<Part>(p => p.Add(c => c.IsThere, true));

        await part.InvokeAsync(() => part.Instance.PressAsync());

        Assert.StartsWith("La base maestra no responde", part.Instance.Said, StringComparison.Ordinal);
    }

    public class Part : EndingComponent
    {
        private readonly LatestRead _reading = new();
        private readonly LatestRead _drawing = new();
        private string _fetched = "-";
        private string _read = "-";
        private string _drawn = "-";
        private bool _shown;

        [Parameter]
        public bool IsThere { get; set; }

        public Dictionary<string, int> Tries { get; } = [];

        public string? Said => Away;

        protected override bool ShowsAway => true;

        public Task PressAsync() =>
            ((IHandleEvent)this).HandleEventAsync(new EventCallbackWorkItem(() => ReadAsync("pressed")), null);

        protected override async Task OnInitializedAsync() => _fetched = await FetchAsync(_ => FindAsync("fetched"));

        protected override Task OnParametersSetAsync() => ReadAsync("read");

        protected override async Task OnAfterRenderAsync(bool firstRender)
        {
            if (!_shown)
            {
                _shown = true;
                await ReadAsync(_drawing, _ => FindAsync("drawn"), answer => _drawn = answer);
                StateHasChanged();
            }
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) =>
            builder.AddContent(0, $"{_fetched} {_read} {_drawn}");

        private Task ReadAsync(string what) => ReadAsync(_reading, _ => FindAsync(what), answer => _read = answer);

        // The first try of each finds the master away, and so does every press.
        private Task<string> FindAsync(string what)
        {
            Tries[what] = Tries.GetValueOrDefault(what) + 1;
            return what != "pressed" && (IsThere || Tries[what] > 1) ? Task.FromResult(what)
                : Task.FromException<string>(new NpgsqlException("away", new IOException()));
        }
    }

    public sealed class WholePage : Part, IWholePage;
}
