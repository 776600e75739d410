using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class DraftFormTests : ComponentTest
{
    private static readonly DraftName Name = DraftName.Of(Actor.System, "rename", 7);

    [Fact]
    public void DraftForm_OnAPage_NamesItsDraftAndLeavesFillingToThePage()
    {
        var form = Render<DraftForm>(p => p.Add(c => c.Draft, Name).Add(c => c.Base, "{}").Add(c => c.Label, "Editar")
            .AddChildContent("<input id='name' />")).Find("form");

        Assert.Equal((Name.Text, "{}", "Editar"), (
            form.GetAttribute("data-draft"), form.GetAttribute("data-draft-base"), form.GetAttribute("aria-label")));
        Assert.False(form.HasAttribute("data-draft-held"));
        Assert.Null(form.QuerySelector("[data-draft-note]"));
        Assert.NotNull(form.QuerySelector("#name"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DraftForm_InADialog_LeavesFillingToTheBrowser(bool held)
    {
        var form = InDialog(p => p.Add(c => c.Draft, Name).Add(c => c.IsHeld, held)).Find("form");

        Assert.NotNull(form.QuerySelector("[data-draft-note][hidden]"));
        Assert.Equal(held, form.HasAttribute("data-draft-held"));
    }

    [Fact]
    public void DraftForm_WithoutADraft_KeepsNothing()
    {
        var form = InDialog(p => p.Add(c => c.Draft, null).AddChildContent<Button>());

        form.Find("button").Click();

        Assert.False(form.Find("form").HasAttribute("data-draft"));
        Assert.Empty(form.FindAll("[data-draft-note]"));
        Assert.Empty(JSInterop.Invocations["vigia.keep"]);
    }

    // The browser does not hear of it, and would bring back what was typed before.
    [Fact]
    public void DraftForm_ValueSetByAComponent_IsKeptInTheDraft()
    {
        var form = Render<DraftForm>(p => p.Add(c => c.Draft, Name).AddChildContent<Button>());

        form.Find("button").Click();

        var kept = JSInterop.Invocations["vigia.keep"].Single().Arguments;
        Assert.Equal(Name.Text, kept[0]);
        Assert.Equal(new Dictionary<string, string> { ["users"] = "20" }, kept[1]);
    }

    private IRenderedComponent<CascadingValue<IMudDialogInstance>> InDialog(
        Action<ComponentParameterCollectionBuilder<DraftForm>> form) =>
        Render<CascadingValue<IMudDialogInstance>>(p => p
            .Add(c => c.Value, new MudDialogContainer()).Add(c => c.IsFixed, true).AddChildContent(form));

    /// <summary>A component that sets a field of its form.</summary>
    private sealed class Button : ComponentBase
    {
        [CascadingParameter]
        private DraftForm? Form { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "button");
            builder.AddAttribute(
                1, "onclick", EventCallback.Factory.Create(this, () => Form!.Keep("users", "20")));
            builder.CloseElement();
        }
    }
}
