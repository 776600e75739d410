using System.Text;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>The codes are those of RFC 6238, so that every authenticator app produces the same.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    // RFC 6238 appendix B: the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Match_RfcVectors_FindsTheStep(long seconds, string digits) =>
        Assert.Equal(seconds / 30, Totp.Match(Secret, digits, DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Theory]
    [InlineData(-30, true)]
    [InlineData(30, true)]
    [InlineData(-75, false)]
    [InlineData(75, false)]
    public void Match_ClockOffByOneStep_IsAccepted(int seconds, bool accepted)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_025);
        var digits = Totp.Code(Secret, now.AddSeconds(seconds).ToUnixTimeSeconds() / 30);

        Assert.Equal(accepted, Totp.Match(Secret, digits, now) is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("28708")]
    [InlineData("2870822")]
    [InlineData("28708a")]
    public void Match_NotACurrentCode_FindsNothing(string digits) =>
        Assert.Null(Totp.Match(Secret, digits, DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void Text_OfASecret_IsBase32InGroupsOfFour() =>
        Assert.Equal("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", Totp.Text(Secret));

    [Fact]
    public void Address_OfASecret_IsReadByAuthenticatorApps() => Assert.Equal(
        "otpauth://totp/Vigia%20Portal:ana%40vigia.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        + "&issuer=Vigia%20Portal&digits=6&period=30",
        Totp.Address("Vigia Portal", "ana@vigia.example", Secret));
}
