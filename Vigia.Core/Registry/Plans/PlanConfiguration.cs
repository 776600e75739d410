using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Plans;

/// <summary>The four plans with their default limits, which staff may change. See docs/rules.md#plans.</summary>
internal sealed class PlanConfiguration : IEntityTypeConfiguration<Plan>
{
    public void Configure(EntityTypeBuilder<Plan> plan)
    {
        plan.ToTable("plans");
        plan.HasKey(p => p.Code);
        plan.Property(p => p.Code).HasMaxLength(50);
        plan.HasData(
            new Plan
            {
                Code = "basico", Name = "Básico", LimitIssuance = true, MaxDocuments = 500, MaxUsers = 5,
                MaxEstablishments = 1, Position = 1
            },
            new Plan
            {
                Code = "profesional", Name = "Profesional", LimitIssuance = true, MaxDocuments = 3_000,
                MaxUsers = 20, MaxEstablishments = 5, Position = 2
            },
            new Plan
            {
                Code = "empresarial", Name = "Empresarial", LimitIssuance = false, MaxDocuments = null,
                MaxUsers = 100, MaxEstablishments = 25, Position = 3
            },
            new Plan { Code = "personalizado", Name = "Personalizado", LimitIssuance = false, Position = 4 });
    }
}
