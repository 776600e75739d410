using System.Globalization;
using CsvHelper;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Team;

/// <summary>Exports the rights that people held at a moment as a CSV file.</summary>
internal static class TeamExports
{
    // A cell that a spreadsheet would read as a formula gets a leading apostrophe. Excel reads UTF-8 only with a byte
    // order mark.
    private static readonly CsvWriterOptions Csv = new() { Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(PortalUrls.TeamRightsFile, RightsAsync)
            .RequireAuthorization(RightPolicies.Of(Rights.StaffView)).WithMetadata(new SameOriginOnlyAttribute());

    private static async Task<IResult> RightsAsync(
        HttpContext context, string? fecha, RightsHistory history, IStringLocalizer<TeamText> texts)
    {
        if (!DateTime.TryParseExact(
            fecha, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock)
            || clock.Year is < 2000 or > 2199)
        {
            return Results.BadRequest();
        }

        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        try
        {
            var held = await history.ExportAtAsync(actor, LimaTime.At(clock), context.RequestAborted);
            context.Response.Headers.CacheControl = "no-store";
            return Results.Stream(
                body => WriteAsync(body, held, texts, context.RequestAborted), "text/csv; charset=utf-8",
                $"permisos-{clock:yyyyMMdd-HHmm}.csv");
        }
        catch (RuleException refusal) when (refusal is not AlreadyRunningException)
        {
            return Results.Text(refusal.Reason.Render(), statusCode: StatusCodes.Status409Conflict);
        }
    }

    private static async Task WriteAsync(
        Stream body, IReadOnlyList<HeldRight> held, IStringLocalizer<TeamText> texts,
        CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(body, Csv, leaveOpen: true);
        await csv.WriteRecordAsync(["full_name", "email", "role", "right", "right_in_words"], cancellationToken);
        foreach (var row in held)
        {
            await csv.WriteRecordAsync(
                [row.FullName, row.Email, row.Role, row.Right, TeamWords.Right(row.Right, texts)], cancellationToken);
        }
    }
}
