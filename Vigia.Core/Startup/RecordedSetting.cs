using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Startup;

/// <summary>The value of a setting of safety as the audit trail last recorded it.</summary>
public sealed class RecordedSetting
{
    public required string Name { get; init; }
    public required string Value { get; set; }
}

internal sealed class RecordedSettingConfiguration : IEntityTypeConfiguration<RecordedSetting>
{
    public void Configure(EntityTypeBuilder<RecordedSetting> setting)
    {
        setting.ToTable("recorded_settings");
        setting.HasKey(s => s.Name);
        setting.Property(s => s.Name).HasMaxLength(100);
        setting.Property(s => s.Value).HasMaxLength(100);
    }
}
