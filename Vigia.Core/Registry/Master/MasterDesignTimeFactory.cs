using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Vigia.Core.Registry.Master;

/// <summary>Lets <c>dotnet ef</c> build the context without a portal and without a database.</summary>
internal sealed class MasterDesignTimeFactory : IDesignTimeDbContextFactory<MasterContext>
{
    public MasterContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<MasterContext>();
        options.UseApplicationServiceProvider(MasterSetup.IdentityModelServices);
        MasterSetup.Configure(options);
        return new MasterContext(options.Options);
    }
}
