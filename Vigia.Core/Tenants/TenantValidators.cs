using FluentValidation;
using FluentValidation.Results;
using Vigia.Core.Errors;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>The rules of a client's fields, under the HTTP API's field names. Pages run it as one types, the registry before it writes.</summary>
public sealed class TenantDetailsValidator : AbstractValidator<TenantDetails>
{
    public TenantDetailsValidator()
    {
        RuleFor(d => d.LegalName).Follows(text => TenantRules.LegalName(SafeText.Clean(text))).OverridePropertyName("razon_social");
        RuleFor(d => d.AccessEmail).Follows(text => TenantRules.Email(SafeText.Clean(text))).OverridePropertyName("correo_acceso");
        RuleFor(d => d.ContactName).Follows(text => TenantRules.ContactName(SafeText.Clean(text))).OverridePropertyName("contacto_nombre");
        RuleFor(d => d.Plan).Follows(plan => string.IsNullOrEmpty(plan) ? new Message("plan_required") : SafeText.Problem(plan)).OverridePropertyName("plan");
        RuleFor(d => d.Environment).Follows(TenantRules.Environment).OverridePropertyName("entorno");
        RuleFor(d => d.MaxDocuments).Follows(TenantRules.Limit).OverridePropertyName("max_comprobantes");
        RuleFor(d => d.MaxUsers).Follows(TenantRules.Limit).OverridePropertyName("max_usuarios");
        RuleFor(d => d.MaxEstablishments).Follows(TenantRules.Limit).OverridePropertyName("max_establecimientos");
        RuleFor(d => d.Config).Follows(config => string.IsNullOrWhiteSpace(config) ? null : TenantRules.Config(config)).OverridePropertyName("config");
    }
}

/// <summary>The rules of a client to be registered.</summary>
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

/// <summary>Between FluentValidation and our messages, which are rendered in the reader's language.</summary>
public static class Validation
{
    internal static IRuleBuilderOptions<T, TValue> Follows<T, TValue>(this IRuleBuilderInitial<T, TValue> rule, Func<TValue, Message?> problem) =>
        rule.Must(value => problem(value) is null).WithState((_, value) => problem(value)!);

    /// <summary>What is wrong, by field.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Message>> Messages(this ValidationResult result) =>
        result.Errors.GroupBy(e => e.PropertyName).ToDictionary(g => g.Key, IReadOnlyList<Message> (g) => [.. g.Select(e => (Message)e.CustomState)]);

    /// <exception cref="InvalidInputException">Something is wrong.</exception>
    internal static void Demand(this ValidationResult result)
    {
        if (!result.IsValid)
        {
            throw new InvalidInputException(result.Messages());
        }
    }
}
