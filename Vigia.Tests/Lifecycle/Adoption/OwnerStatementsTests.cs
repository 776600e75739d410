using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>The statements that the owner of a database runs before its adoption.</summary>
public sealed class OwnerStatementsTests
{
    [Theory]
    [InlineData(15, "")]
    [InlineData(16, " WITH INHERIT TRUE, SET TRUE")]
    public void Grant_FromServer16On_NamesItsOptions(int version, string options)
    {
        var facts = new DatabaseFacts
        {
            Name = "db", Owner = "app", PortalRole = "portal", Encoding = "UTF8", Locale = "C", MayConnect = true,
            ServerVersion = version,
        };

        Assert.Equal([$"GRANT \"app\" TO \"portal\"{options};"], OwnerStatements.For(facts, null, null));
    }
}
