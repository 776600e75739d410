using FluentValidation;
using FluentValidation.Results;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// The rules of a tenant's fields, under the field names of the HTTP API. Pages apply them while the person types; the
/// registry applies them before it writes.
/// </summary>
public sealed class TenantDetailsValidator : AbstractValidator<TenantDetails>
{
    public TenantDetailsValidator()
    {
        RuleFor(d => d.LegalName).Follows(text => TenantRules.LegalName(SafeText.Clean(text)))
            .OverridePropertyName("razon_social");
        RuleFor(d => d.AccessEmail).Follows(text => TenantRules.Email(SafeText.Clean(text)))
            .OverridePropertyName("correo_acceso");
        RuleFor(d => d.ContactName).Follows(text => TenantRules.ContactName(SafeText.Clean(text)))
            .OverridePropertyName("contacto_nombre");
        RuleFor(d => d.Plan)
            .Follows(plan => string.IsNullOrEmpty(plan) ? new Message("plan_required") : SafeText.Problem(plan))
            .OverridePropertyName("plan");
        RuleFor(d => d.Environment).Follows(TenantRules.Environment).OverridePropertyName("entorno");
        RuleFor(d => d.MaxDocuments).Follows(TenantRules.Limit).OverridePropertyName("max_comprobantes");
        RuleFor(d => d.MaxUsers).Follows(TenantRules.Limit).OverridePropertyName("max_usuarios");
        RuleFor(d => d.MaxEstablishments).Follows(TenantRules.Limit).OverridePropertyName("max_establecimientos");
        RuleFor(d => d.Config).Follows(config => string.IsNullOrWhiteSpace(config) ? null : TenantRules.Config(config))
            .OverridePropertyName("config");
    }
}

/// <summary>The rules of a tenant to be registered.</summary>
public sealed class RegisterTenantValidator : AbstractValidator<RegisterTenant>
{
    public RegisterTenantValidator()
    {
        RuleFor(r => r.Ruc).Follows(Ruc.Problem).OverridePropertyName("ruc");
        RuleFor(r => r.Subdomain).Follows(text => Subdomain.Problem(text?.Trim())).OverridePropertyName("subdominio");
        RuleFor(r => r.Details).Custom((details, context) =>
        {
            foreach (var failure in new TenantDetailsValidator().Validate(details).Errors)
            {
                context.AddFailure(failure);
            }
        });
    }
}

/// <summary>Connects FluentValidation with our messages, which are rendered in the reader's language.</summary>
public static class Validation
{
    internal static IRuleBuilderOptions<T, TValue> Follows<T, TValue>(
        this IRuleBuilderInitial<T, TValue> rule, Func<TValue, Message?> problem) =>
        rule.Must(value => problem(value) is null).WithState((_, value) => problem(value)!);

    /// <summary>The errors, by field.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Message>> Messages(this ValidationResult result) =>
        result.Errors.GroupBy(e => e.PropertyName)
            .ToDictionary(g => g.Key, IReadOnlyList<Message> (g) => [.. g.Select(e => (Message)e.CustomState)]);

    /// <exception cref="InvalidInputException">There are errors.</exception>
    internal static void Demand(this ValidationResult result)
    {
        if (!result.IsValid)
        {
            throw new InvalidInputException(result.Messages());
        }
    }
}
