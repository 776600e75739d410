using Bunit;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Tokens;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Tokens;

public sealed class TokenRightsTests : ComponentTest
{
    private static readonly Actor Ana = new(Guid.NewGuid(), "Ana", null, [StaffRoles.Support]);

    [Fact]
    public void TokenRights_GroupButton_KeepsEachInTheDraft()
    {
        var form = new TokenForm(Ana, Time.GetUtcNow());
        var rights = Render<DraftForm>(p => p.Add(c => c.Draft, DraftName.Of(Ana, "token"))
            .AddChildContent<TokenRights>(r => r.Add(c => c.Form, form)));

        rights.FindAll(".filter-row button").Single(button => TextOf(button) == "Nada").Click();

        var kept = (IReadOnlyDictionary<string, string>)JSInterop.Invocations["vigia.keep"].Single().Arguments[1]!;
        Assert.NotEmpty(kept);
        Assert.Equal(
            rights.FindAll("input[type=checkbox]").Select(box => (box.Id!, "false")).Order(),
            kept.Select(field => (field.Key, field.Value)).Order());
    }
}
