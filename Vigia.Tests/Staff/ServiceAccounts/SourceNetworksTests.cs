using Vigia.Core.Staff.ServiceAccounts;

namespace Vigia.Tests.Staff.ServiceAccounts;

/// <summary>The networks from which a program may call.</summary>
public sealed class SourceNetworksTests
{
    [Theory]
    [InlineData("10.20.0.0/16", "10.20.0.0/16")]
    [InlineData(" 10.1.2.3 ", "10.1.2.3/32")]
    [InlineData("2001:DB8::/48", "2001:db8::/48")]
    [InlineData("::1", "::1/128")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3/32")]
    [InlineData("10.20.0.1/16", "10.20.0.0/16")]
    [InlineData("10.20.0.0/33", null)]
    [InlineData("::ffff:10.0.0.0/104", null)]
    [InlineData("fe80::1%3", null)]
    [InlineData("ejemplo.pe", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Read_Text_ReturnsTheNetworkInCanonicalForm(string? text, string? network) =>
        Assert.Equal(network, SourceNetworks.Read(text));

    [Theory]
    [InlineData("10.20.0.0/16", "10.20.255.1", true)]
    [InlineData("10.20.0.0/16", "10.21.0.1", false)]
    [InlineData("10.20.0.0/16", "::ffff:10.20.3.4", true)]
    [InlineData("2001:db8::/48", "2001:db8:0:5::1", true)]
    [InlineData("2001:db8::/48", "2001:db8:1::1", false)]
    [InlineData("::/0", "10.20.3.4", false)]
    [InlineData("10.20.0.0/16", null, false)]
    public void Contain_Address_IsTrueOnlyInsideTheNetwork(string network, string? address, bool isInside) =>
        Assert.Equal(isInside, SourceNetworks.Contain([network], address));
}
