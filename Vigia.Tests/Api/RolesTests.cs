using Microsoft.AspNetCore.Authorization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Api;

namespace Vigia.Tests.Api;

/// <summary>
/// Makes every call of the API with every role, as a service account with everything that one can have, with a token
/// without rights, and without a token. The calls come from the endpoints, so that a new one without a right fails
/// here.
/// </summary>
public sealed class RolesTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static readonly string[] Anonymous = ["createToken"];

    [Fact]
    public async Task Calls_WithEveryRole_AcceptOnlyHoldersOfTheRight()
    {
        var (wrong, calls) = (new List<string>(), ApiCall.All(host.Services));
        using var nobody = await host.AsAsync(null);
        using var program = await host.AsServiceAccountAsync([.. ServiceRights.All]);
        using var nothing = await host.WithRightsAsync(Rights.AuditVerify);
        foreach (var call in calls.Where(c => !Anonymous.Contains(c.Name)))
        {
            var right = call.Said<RightRequired>()?.Right;
            if (right is null || !Rights.All.Union(ServiceRights.All).Contains(right)
                || !call.Endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>()
                .Any(a => a.AuthenticationSchemes == BearerTokens.SchemeName))
            {
                wrong.Add($"{call} names no right.");
                continue;
            }

            Check(call, "nobody", await AskAsync(nobody, call), 401, "not_authenticated");
            if (right != Rights.AuditVerify)
            {
                Check(call, "a token for something else", await AskAsync(nothing, call), 403, "forbidden");
            }

            var asProgram = await AskAsync(program, call);
            if (!ServiceRights.All.Contains(right))
            {
                Check(call, "a service account", asProgram, 403, "forbidden");
            }
            else if (asProgram.Status is 401 or 403 or >= 500)
            {
                wrong.Add($"{call} as a service account: {asProgram.Status} {asProgram.Text}");
            }

            foreach (var (role, held) in Rights.ByRole)
            {
                using var api = await host.AsAsync(role);
                var answer = await AskAsync(api, call);
                if (!held.Contains(right))
                {
                    Check(call, role, answer, 403, "forbidden");
                }
                else if (answer.Status is 401 or 403 or >= 500)
                {
                    wrong.Add($"{call} as {role}: {answer.Status} {answer.Text}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(calls.Count >= 18, $"{calls.Count} calls");

        void Check(ApiCall call, string who, ApiAnswer answer, int status, string code)
        {
            if (answer.Status != status || answer.Code != code)
            {
                wrong.Add($"{call} as {who}: {answer.Status} {answer.Code}");
            }
        }
    }

    [Fact]
    public void Rights_OfEveryCall_CanBeGivenToATokenOfAPersonOrAProgram() =>
        Assert.All(ApiCall.All(host.Services).Select(c => c.Said<RightRequired>()?.Right).OfType<string>()
            .Except([Rights.ServiceAccountsManage]),
            right => Assert.Contains(right, ApiTokens.Grantable.Union(ServiceRights.OfProgramsOnly)));

    [Fact]
    public void RightToManageServiceAccounts_CanNotBeGivenToATokenOfAPerson() =>
        Assert.DoesNotContain(Rights.ServiceAccountsManage, ApiTokens.Grantable);

    private static Task<ApiAnswer> AskAsync(ApiCalls api, ApiCall call) =>
        api.SendAsync(new HttpMethod(call.Method), call.Path, call.Method is "GET" ? null : "{}");
}
