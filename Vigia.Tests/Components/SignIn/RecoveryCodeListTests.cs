using Bunit;
using Vigia.Portal.Components.SignIn;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

public sealed class RecoveryCodeListTests : ComponentTest
{
    // The script of the page finds the list by its id. The server never makes a file with the codes.
    [Fact]
    public void RecoveryCodes_Buttons_CopyAndDownloadThisList()
    {
        var list = Render<RecoveryCodeList>(p => p.Add(l => l.Codes, ["abcde-12345", "fghij-67890"]));

        Assert.Equal(["abcde-12345", "fghij-67890"], list.FindAll("#recovery-codes code").Select(TextOf));
        Assert.Equal("recovery-codes", list.Find("[data-copy-list]").GetAttribute("data-copy-list"));
        Assert.Equal("recovery-codes", list.Find("[data-download-list]").GetAttribute("data-download-list"));
        Assert.Empty(list.FindAll("a"));
    }
}
