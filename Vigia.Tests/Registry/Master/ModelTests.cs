using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Team;
using Vigia.Core.TenantSchema;

namespace Vigia.Tests.Registry.Master;

/// <summary>
/// The classes, the snapshot and the model in the designer file of each migration must agree. After a merge of two
/// branches with a migration each, the later migration may not know the tables of the earlier one.
/// </summary>
public sealed class ModelTests
{
    [Fact]
    public void Model_OfTheMaster_MatchesItsMigrations()
    {
        using var db = new MasterDesignTimeFactory().CreateDbContext([]);
        AssertNothingMissing(db);
    }

    [Fact]
    public void Model_OfATenantDatabase_MatchesItsMigrations()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        AssertNothingMissing(db);
    }

    [Fact]
    public void FindDifference_DesignerWithoutATable_IsReported()
    {
        using var db = new MasterDesignTimeFactory().CreateDbContext([]);
        var initial = Migrations(db)[0];
        var model = (IMutableModel)initial.TargetModel;
        var table = model.GetEntityTypes().Single(type => type.GetTableName() == "audit_checks");
        model.RemoveEntityType(table);

        Assert.Contains(
            "audit_checks", FindDifference(db, null, model.FinalizeModel(), initial), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(StaffRequestKind.Invite), "staff_invite")]
    [InlineData(nameof(StaffRequestKind.Access), "staff_access")]
    [InlineData(nameof(StaffRequestKind.Enable), "staff_enable")]
    [InlineData(nameof(StaffRequestKind.Link), "staff_link")]
    [InlineData(nameof(StaffRequestKind.ResetSecondFactor), "staff_second_factor")]
    public void ApprovalAction_OfEachStaffRequest_IsStoredUnderItsName(string kind, string stored)
    {
        var approval = new Approval
        {
            Action = Enum.Parse<StaffRequestKind>(kind).Action(), RequestedByName = "Ana", Reason = "",
        };

        Assert.Equal(stored, Stored<Approval>(nameof(Approval.Action), approval.Action));
        Assert.Equal(kind, StaffRequestKinds.Of(approval).ToString());
    }

    [Fact]
    public void InfluenceKind_EachOne_IsStoredInSnakeCase() => Assert.Equal(
        ["made", "link_renewed", "second_factor_reset", "access_changed", "enabled", "console_made",
            "console_recovered"],
        Enum.GetValues<InfluenceKind>().Select(kind => Stored<StaffInfluence>(nameof(StaffInfluence.Kind), kind)));

    /// <summary>Each feature brings its entities itself. See docs/architecture.md#floors.</summary>
    [Fact]
    public void MasterContext_DbSets_AreThoseOfIdentityOnly() => Assert.DoesNotContain(
        typeof(MasterContext).GetProperties(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly),
        property => property.PropertyType is { IsGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(DbSet<>));

    private static object? Stored<TEntity>(string property, object value)
    {
        using var db = new MasterDesignTimeFactory().CreateDbContext([]);
        var stored = db.Model.FindEntityType(typeof(TEntity))!.FindProperty(property)!;
        return stored.GetTypeMapping().Converter!.ConvertToProvider(value);
    }

    private static void AssertNothingMissing(DbContext db)
    {
        var migrations = Migrations(db);
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.True(Text(db.GetService<IMigrationsAssembly>().ModelSnapshot!.Model) == Text(migrations[^1].TargetModel),
            $"The designer file of {migrations[^1].GetType().Name} is not the snapshot.");

        IModel? before = null;
        foreach (var migration in migrations)
        {
            var after = Finalized(migration.TargetModel);
            Assert.Equal("", FindDifference(db, before, after, migration));
            before = after;
        }
    }

    private static List<Migration> Migrations(DbContext db)
    {
        var assembly = db.GetService<IMigrationsAssembly>();
        return
        [
            .. assembly.Migrations.OrderBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => assembly.CreateMigration(m.Value, db.Database.ProviderName!)),
        ];
    }

    // The difference between two designer files is the work of the later migration. SQL written by hand is in no model,
    // and the values of seeded rows are no tables.
    private static string FindDifference(DbContext db, IModel? before, IModel after, Migration migration)
    {
        var initializer = db.GetService<IModelRuntimeInitializer>();
        var expected = db.GetService<IMigrationsModelDiffer>().GetDifferences(
            before is null ? null : initializer.Initialize(before).GetRelationalModel(),
            initializer.Initialize(after).GetRelationalModel()).Where(ChangesTables).SelectMany(Describe).ToHashSet();
        var done = migration.UpOperations.Where(ChangesTables).SelectMany(Describe).ToHashSet();
        return string.Join('\n', expected.Except(done).Select(what => $"{migration.GetType().Name} lacks: {what}")
            .Concat(done.Except(expected).Select(what => $"Its designer file lacks: {what}")));
    }

    private static bool ChangesTables(MigrationOperation operation) =>
        operation is not (SqlOperation or InsertDataOperation or UpdateDataOperation or DeleteDataOperation);

    private static IModel Finalized(IModel model) =>
        model is IMutableModel mutable ? mutable.FinalizeModel() : model;

    private static IEnumerable<string> Describe(MigrationOperation operation)
    {
        string? Of(string property) => operation.GetType().GetProperty(property)?.GetValue(operation) as string;
        yield return $"{operation.GetType().Name} {Of("Schema")} {Of("Table")} {Of("Name")}";
        foreach (var column in (operation as CreateTableOperation)?.Columns ?? [])
        {
            yield return $"column {column.Schema} {column.Table} {column.Name}";
        }
    }

    private static string Text(IReadOnlyModel model) =>
        model.ToDebugString(MetadataDebugStringOptions.LongDefault | MetadataDebugStringOptions.IncludeAnnotations);
}
