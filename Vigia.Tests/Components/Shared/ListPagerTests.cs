using Bunit;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ListPagerTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", 1, 43, true, "1–3 de 43")]
    [InlineData("en", 2000, 10000, false, "5,998–6,000 of more than 10,000")]
    [InlineData("es-PE", -1, 10000, false, "Última página de más de 10,000")]
    [InlineData("en", -3, 10000, false, "Page 3 from the end, of more than 10,000")]
    public void ListPager_Page_SaysWhichRowsAreShown(string language, int page, int total, bool exact, string text)
    {
        Speak(language);

        var pager = Render<ListPager<int>>(p => p.Add(
            c => c.Page, new Numbers([1, 2, 3], total, page, 3) { TotalIsExact = exact, HasNext = true }));

        Assert.Equal(text, TextOf(pager.Find("nav .num")));
    }

    [Fact]
    public async Task ListPager_Buttons_LeadToEveryPage()
    {
        var turns = new List<ListTurn>();
        var pager = Render<ListPager<int>>(p => p
            .Add(c => c.Page, new Numbers([1], 99, 2, 1) { HasPrevious = true, HasNext = true })
            .Add(c => c.OnTurn, turns.Add));

        for (var button = 0; button < 4; button++)
        {
            await pager.FindAll("button")[button].ClickAsync(new());
        }

        Assert.Equal([ListTurn.First, ListTurn.Previous, ListTurn.Next, ListTurn.Last], turns);
    }

    [Fact]
    public void ListPager_SinglePage_HasNoButtons()
    {
        var pager = Render<ListPager<int>>(p => p.Add(c => c.Page, new Numbers([1], 1, 1, 20)));

        Assert.All(pager.FindAll("button"), button => Assert.True(button.HasAttribute("disabled")));
    }

    [Theory]
    [InlineData(ListTurn.First, 7, 1, null, false)]
    [InlineData(ListTurn.Previous, 7, 6, 10, true)]
    [InlineData(ListTurn.Next, 7, 8, 30, false)]
    [InlineData(ListTurn.Last, 7, -1, null, false)]
    [InlineData(ListTurn.Previous, -1, -2, 10, true)]
    [InlineData(ListTurn.Next, -2, -1, 30, false)]
    [InlineData(ListTurn.Previous, 1, 1, 10, true)]
    public void Turn_FromAPage_StartsBesideItsRows(ListTurn turn, int from, int to, int? beside, bool before)
    {
        var (page, place) = ListTurns.To(turn, new Numbers([10, 20, 30], 99, from, 3), number => number);

        Assert.Equal((to, beside is { } id ? new ListPlace<int>(id, before) : null), (page, place));
    }

    private sealed record Numbers(IReadOnlyList<int> Items, int Total, int Page, int PageSize)
        : ListPage<int>(Items, Total, Page, PageSize);
}
