using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Tests.Foundation.Text;

public sealed class EmailAddressTests
{
    private static readonly string Label = new('x', 63);

    public static TheoryData<string> Wrong =>
    [
        "nadie", "@x.pe", "a@", "a@b", "a..b@x.pe", ".a@x.pe", "a.@x.pe", new string('a', 65) + "@x.pe", "a@b@x.pe",
        "a b@x.pe", "a@x .pe", "a@x..pe", "a@.x.pe", "a@x.pe.", "a@-x.pe", "a@x-.pe", "a@x_y.pe", "a@[192.0.2.1]",
        "\"a b\"@x.pe", "Ana <ana@x.pe>", "a@" + Label + "x.pe", "a,b@x.pe", "a@xn--zzzzzzzzz99999.pe", "a\0@x.pe",
        "a@x.pe\n", "a@x\ufe0f.pe", "a@x\ufffe.pe", $"a@{Label}.{Label}.{Label}.{Label}.pe", "pe\u00f1a@x.pe",
    ];

    public static TheoryData<string, string> Right => new()
    {
        { "ana@x.pe", "ana@x.pe" }, { "a.b+c@x-y.com.pe", "a.b+c@x-y.com.pe" },
        { new string('a', 64) + "@x.pe", new string('a', 64) + "@x.pe" },
        { "o'higgins@x.pe", "o'higgins@x.pe" }, { "!#$%&'*+/=?^_`{|}~-@x.pe", "!#$%&'*+/=?^_`{|}~-@x.pe" },
        { "ana@\u00f1and\u00fa.pe", "ana@xn--and-6ma2c.pe" }, { "ana@n\u0303andu\u0301.pe", "ana@xn--and-6ma2c.pe" },
        { "ana@xn--and-6ma2c.pe", "ana@xn--and-6ma2c.pe" }, { "ana@" + Label + ".pe", "ana@" + Label + ".pe" },
        { "ana@\u4f8b\u3048.jp", "ana@xn--r8jz45g.jp" }, { "1@1.1a", "1@1.1a" },
    };

    // Ñ is the same domain as ñ, and as its ASCII form. A local part has no other form.
    [Theory]
    [InlineData("ana@\u00f1and\u00fa.pe", "ANA@xn--and-6ma2c.PE", true)]
    [InlineData("ana@\u00f1and\u00fa.pe", "ana@\u00d1AND\u00da.pe", true)]
    [InlineData("ana@n\u0303andu\u0301.pe", "ana@\u00f1and\u00fa.pe", true)]
    [InlineData("ana@\u00f1and\u00fa.pe", "ana@nandu.pe", false)]
    [InlineData("ana@x.pe\u00ad", "ana@x.pe", false)]
    [InlineData("ana@\ufeffx.pe", "ana@x.pe", false)]
    [InlineData("no \u00f1", "NO \u00d1", true)]
    [InlineData("ana\ud800@x.pe", "ANA\ud800@X.PE", true)]
    public void Key_OneMailbox_IsOneKey(string one, string other, bool isSame) =>
        Assert.Equal(isSame, EmailAddress.Key(one) == EmailAddress.Key(other));

    // A domain in Unicode is stored, and found in both forms. All else is stored as it was typed.
    [Theory]
    [InlineData("Ana@\u00d1AND\u00da.pe", "Ana@\u00f1and\u00fa.pe", "ana@\u00f1and\u00fa.pe|ana@xn--and-6ma2c.pe")]
    [InlineData("ana@xn--and-6ma2c.pe", "ana@\u00f1and\u00fa.pe", "ana@\u00f1and\u00fa.pe|ana@xn--and-6ma2c.pe")]
    [InlineData("Ana@X.pe", "Ana@X.pe", "ana@x.pe")]
    [InlineData("Rosa", "Rosa", "rosa")]
    [InlineData("ana@x.pe\u00ad", "ana@x.pe\u00ad", "ana@x.pe\u00ad")]
    public void Stored_OneForm_IsFoundInAllForms(string typed, string stored, string forms)
    {
        Assert.Equal(stored, EmailAddress.ToStored(typed));
        Assert.Equal(forms, string.Join('|', EmailAddress.Forms(typed)));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Problem_NotAMailbox_IsRefused(string text)
    {
        Assert.NotNull(EmailAddress.Problem(text));
        Assert.NotNull(TenantRules.Email(text));
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void Problem_Mailbox_IsAcceptedAlsoByMailServers(string text, string ascii)
    {
        Assert.Null(EmailAddress.Problem(text));
        Assert.Equal(ascii, EmailAddress.ToAscii(text));
    }
}
