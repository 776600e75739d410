using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.ServiceAccounts;

namespace Vigia.Portal.Api;

/// <summary>
/// The endpoints of service accounts. The answer to a call is what its transaction has seen, so no token is lost. A
/// repeated request gets the same answer without the token, of which only the hash may be stored.
/// </summary>
internal static class ServiceAccountEndpoints
{
    /// <summary>Where the accounts are read.</summary>
    public const string Place = $"{ApiUrls.Admin}/{Path}";

    private const string Path = "service_accounts";

    // Fields that a change of the account itself may have.
    private static readonly string[] Content =
        ["purpose", "owner_ids", "rights", "networks", "tenant_ids", "ends_on"];

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet(Path, ListAsync).WithName("listServiceAccounts").Right(Rights.ServiceAccountsManage)
            .Query(QueryParameter.Page, QueryParameter.PageSize).Gives<ListAnswer<ServiceAccountAnswer>>(200)
            .Refuses(422, "invalid_input");
        api.MapPost(Path, CreateAsync).WithName("createServiceAccount").Right(Rights.ServiceAccountsManage)
            .Takes<NewServiceAccount>().Idempotent(Replays.ServiceAccountAsync, ServiceAccountService.Created)
            .Gives<ServiceAccountResultAnswer>(201).Sends(201, HeaderNames.Location)
            .Refuses(403, "password_wrong").Refuses(409, "read_only", "audit_closed")
            .Refuses(422, "invalid_input");
        api.MapPatch(Path + "/{id:guid}", ChangeAsync).WithName("changeServiceAccount")
            .Right(Rights.ServiceAccountsManage)
            .Takes<ServiceAccountChanges>()
            .Idempotent(Replays.ServiceAccountAsync, [.. ServiceAccountService.Changes])
            .Gives<ServiceAccountResultAnswer>(200).Refuses(403, "password_wrong")
            .Refuses(404, "service_account_unknown", "token_unknown")
            .Refuses(409, "service_account_ended", "service_account_changed_meanwhile", "service_tokens_full",
                "read_only", "audit_closed")
            .Refuses(422, "invalid_input");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, QueryValues query, ServiceAccountDirectory directory, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (accounts, now) = (await directory.ListAsync(caller.Actor, cancellationToken), time.GetUtcNow());
        var (page, size) = (query.Page, query.PageSize);
        return Results.Ok(new ListAnswer<ServiceAccountAnswer>(
            [.. accounts.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size)
                .Select(account => ServiceAccountAnswer.Of(account, now))],
            accounts.Count, true, page, size));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, Caller caller, Body<NewServiceAccount> body, ServiceAccountService accounts,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var wanted = body.Value;
        var issued = await accounts.CreateAsync(
            caller.Actor, wanted.ToContent(), wanted.TokenEndsOn, wanted.Password, cancellationToken);
        return Results.Created(Place, Shown(context, issued.Account, issued.Token, time));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, Caller caller, Guid id, Body<ServiceAccountChanges> body, ServiceAccountService accounts,
        ServiceAccountDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var (actor, changes) = (caller.Actor, body.Value);
        var changesContent = Content.Any(body.Has);
        if (new[] { changesContent, changes.TokenEndsOn is not null, changes.RevokeTokenId is not null,
            changes.End == true }.Count(one => one) > 1)
        {
            throw new InvalidInputException("end", new Message("service_one_change"));
        }

        if (changes.TokenEndsOn is { } endsOn)
        {
            var issued = await accounts.IssueAsync(actor, id, endsOn, changes.Password, cancellationToken);
            return Results.Ok(Shown(context, issued.Account, issued.Token, time));
        }

        return Results.Ok(ServiceAccountResultAnswer.Of(await ChangedAsync(), null, time));

        async Task<ServiceAccountView> ChangedAsync()
        {
            if (changes.End == true)
            {
                return await accounts.EndAsync(actor, id, cancellationToken);
            }

            if (changes.RevokeTokenId is { } revoked)
            {
                return await accounts.RevokeAsync(actor, id, revoked, cancellationToken);
            }

            // The service compares the version under its lock, so nobody else's change comes in between.
            var present = await directory.GetAsync(actor, id, cancellationToken);
            return changesContent
                ? await accounts.ChangeAsync(
                    actor, id, changes.Version ?? present.Version, Merge(present, body), changes.Password,
                    cancellationToken)
                : present;
        }
    }

    // The answer with the token, of which a repeated request gets all but the token.
    private static ServiceAccountResultAnswer Shown(
        HttpContext context, ServiceAccountView account, string token, TimeProvider time)
    {
        var answer = ServiceAccountResultAnswer.Of(account, token, time);
        context.Features.Set(new AnswerToKeep(answer with { Token = null }));
        return answer;
    }

    // A field that is absent stays as it is. Null is a value: for tenant_ids it means all tenants.
    private static ServiceAccountContent Merge(ServiceAccountView present, Body<ServiceAccountChanges> body)
    {
        var changes = body.Value;
        return new ServiceAccountContent(
            present.Name,
            body.Has("purpose") ? changes.Purpose : present.Purpose,
            body.Has("owner_ids") ? changes.OwnerIds ?? [] : [.. present.Owners.Select(owner => owner.Id)],
            body.Has("rights") ? NewServiceAccount.Texts(changes.Rights) : present.Rights,
            body.Has("networks") ? NewServiceAccount.Texts(changes.Networks) : present.Networks,
            body.Has("tenant_ids") ? changes.TenantIds : present.TenantIds,
            body.Has("ends_on") ? changes.EndsOn : LimaTime.DayOf(present.EndsAt));
    }
}
