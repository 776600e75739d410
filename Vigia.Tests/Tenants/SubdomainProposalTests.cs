using Vigia.Core.Tenants;

namespace Vigia.Tests.Tenants;

public sealed class SubdomainProposalTests
{
    [Theory]
    [InlineData("Farmacéutica Añaños S.A.C.", "farmaceutica-ananos")]
    [InlineData("DROGUERÍA EL ÁGUILA E.I.R.L.", "drogueria-aguila")]
    [InlineData("3M Perú S.A.", "3m")]
    [InlineData("株式会社", "")]
    [InlineData("Admin S.A.C.", "")]
    [InlineData("D'Oliveira & Cía. S.R.L.", "d-oliveira")]
    public void Proposal_FromAName_IsASubdomainOrNothing(string name, string proposal) =>
        Assert.Equal(proposal, SubdomainProposal.From(name));
}
