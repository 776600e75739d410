using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Vigia.Core.Registry.Master;
using Vigia.Core.TenantSchema;

namespace Vigia.Tests.Registry.Master;

/// <summary>
/// The classes, the snapshot and the model of the last migration must agree. After a merge of two branches with a
/// migration each, the later migration may not know the tables of the earlier one.
/// </summary>
public sealed class ModelTests
{
    [Fact]
    public void Master_NothingIsMissing()
    {
        using var db = new MasterDesignTimeFactory().CreateDbContext([]);
        AssertNothingMissing(db);
    }

    [Fact]
    public void Tenant_NothingIsMissing()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        AssertNothingMissing(db);
    }

    private static void AssertNothingMissing(DbContext db)
    {
        var migrations = db.GetService<IMigrationsAssembly>();
        var (id, last) = migrations.Migrations.OrderBy(m => m.Key, StringComparer.Ordinal).Last();
        var designer = migrations.CreateMigration(last, db.Database.ProviderName!).TargetModel;

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.True(Text(migrations.ModelSnapshot!.Model) == Text(designer), $"{id}.Designer.cs is not the snapshot.");
    }

    private static string Text(IReadOnlyModel model) =>
        model.ToDebugString(MetadataDebugStringOptions.LongDefault | MetadataDebugStringOptions.IncludeAnnotations);
}
