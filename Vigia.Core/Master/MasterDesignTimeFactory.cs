using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Vigia.Core.Master;

/// <summary>Lets <c>dotnet ef</c> build the context without a portal and without a database.</summary>
internal sealed class MasterDesignTimeFactory : IDesignTimeDbContextFactory<MasterContext>
{
    public MasterContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<MasterContext>();
        options.UseApplicationServiceProvider(MasterSetup.IdentityModelServices);
        MasterSetup.Configure(options, "Host=localhost;Database=vigia_master");
        return new MasterContext(options.Options);
    }
}
