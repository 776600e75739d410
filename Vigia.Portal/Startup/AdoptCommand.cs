using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Startup;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>adopt</c>: shows what an adoption of a database would do, and requests it. The workers of the running portal do
/// it. The person gives their password on standard input, and the code of their second factor on the next line. Both
/// are checked and counted as at a sign-in.
/// </summary>
internal static class AdoptCommand
{
    internal const string Name = "adopt";

    private const string StatementsOnly = "--statements";

    private static readonly string[] Options =
        ["--as", "--backup", "--ruc", "--razon-social", "--subdominio", "--correo", "--plan", "--entorno"];

    /// <exception cref="StartupException">
    /// The settings or arguments are wrong, the master can't be reached, or a rule refuses the command.
    /// </exception>
    internal static async Task RunAsync(
        string[] args, Func<string[], IConfiguration> configure, TextReader input, TextWriter output,
        CancellationToken cancellationToken)
    {
        if (args is not [_, var database, ..] || database.StartsWith('-'))
        {
            throw new StartupException("adopt needs the name of a database: Vigia.Portal adopt vigiadb");
        }

        var configuration = configure([]);
        var settings = StartupSettings.Read(configuration);
        if (settings.NeedsPrivateCluster)
        {
            throw new StartupException(
                "adopt works on the server that MASTER_DATABASE_URL names, and that is not set.");
        }

        await using var services = new ServiceCollection().AddLogging()
            .AddVigiaCore(settings with { Roles = InstanceRoles.Staff })
            .Configure<AdoptionOptions>(configuration.GetSection(AdoptionOptions.Section))
            .Configure<StaffOptions>(configuration.GetSection(StaffOptions.Section))
            .AddSafetyDefaults(configuration, settings).BuildServiceProvider();
        try
        {
            await DemandReadyAsync(services, cancellationToken);
            await using var scope = services.CreateAsyncScope();
            await ActAsync(scope.ServiceProvider, database, args, input, output, cancellationToken);
        }
        catch (InvalidInputException e)
        {
            throw new StartupException(
                string.Join('\n', e.Errors.Select(error => $"{error.Key}: {error.Value[0].Render()}")));
        }
        catch (RuleException e)
        {
            throw new StartupException(
                string.Join('\n', new[] { e.Message, e.Reason.RenderAdvice() }.Where(line => line is not null)));
        }
        catch (Exception e) when (MasterDatabase.TryExplain(e, settings.MasterDatabase, out var explained))
        {
            throw explained;
        }
    }

    private static async Task ActAsync(
        IServiceProvider services, string database, string[] args, TextReader input, TextWriter output,
        CancellationToken cancellationToken)
    {
        var adoption = services.GetRequiredService<AdoptionService>();
        var report = await adoption.InspectAsync(Actor.System, database, cancellationToken);
        if (args.Contains(StatementsOnly))
        {
            await PrintStatementsAsync(report, output);
            return;
        }

        await PrintAsync(report, output);
        if (Option(args, "--as") is not { } email)
        {
            await output.WriteLineAsync("\nNothing was changed. With --as EMAIL --backup TEXT it is adopted.");
            return;
        }

        await output.WriteLineAsync($"\nPassword of {email}:");
        var password = await input.ReadLineAsync(cancellationToken) ?? "";
        var actor = await SignInAsync(services, email, password, input, output, cancellationToken);
        var request = new AdoptionRequest(
            args.Contains("--product-keeps-owner"), Option(args, "--backup"), password);
        var operation = await adoption.FindTenantAsync(actor, database, cancellationToken) is { } id
            ? await adoption.AdoptAsync(actor, id, request, cancellationToken)
            : (await services.GetRequiredService<AdoptedRegistration>().RegisterAsync(
                actor, database, TenantOf(args), request, cancellationToken)).OperationId!.Value;
        await output.WriteLineAsync($"Requested. The running portal does it: operation {operation}.");
    }

    private static RegisterTenant TenantOf(string[] args) => new()
    {
        Ruc = Option(args, "--ruc"),
        Subdomain = Option(args, "--subdominio"),
        Provision = false,
        Details = new TenantDetails
        {
            LegalName = Option(args, "--razon-social"),
            AccessEmail = Option(args, "--correo"),
            Plan = Option(args, "--plan"),
            Environment = Option(args, "--entorno") ?? TenantEnvironments.Production,
        },
    };

    // The server's console is no address from which tries are counted; the account's own count holds.
    private static async Task<Actor> SignInAsync(
        IServiceProvider services, string email, string password, TextReader input, TextWriter output,
        CancellationToken cancellationToken)
    {
        var credentials = services.GetRequiredService<StaffCredentials>();
        var origin = new SignInOrigin(null, null);
        var check = await credentials.CheckPasswordAsync(email, password, origin, cancellationToken);
        if (check is { Outcome: CredentialOutcome.SecondFactorNeeded, Member: { TwoFactorEnabled: true } asked })
        {
            await output.WriteLineAsync("Code of the authenticator, or a recovery code:");
            check = await credentials.CheckCodeAsync(
                asked, SignInMethods.Password, await input.ReadLineAsync(cancellationToken) ?? "", origin,
                cancellationToken);
        }

        if (!check.IsAccepted)
        {
            throw new StartupException(check.Outcome switch
            {
                CredentialOutcome.SecondFactorWrong => "--as: the code is wrong.",
                CredentialOutcome.SecondFactorNeeded => "--as: this person has a passkey and no authenticator, and "
                    + "a passkey does not work here. Adopt the database on the page.",
                CredentialOutcome.SecondFactorMissing => "--as: this person needs a second factor "
                    + "(Staff:RequireSecondFactor). They set it up when they sign in on the pages.",
                _ => "--as: the address or the password is wrong.",
            });
        }

        var roles = await services.GetRequiredService<UserManager<StaffMember>>().GetRolesAsync(check.Member);
        return new Actor(check.Member.Id, check.Member.FullName, null, [.. roles]);
    }

    private static async Task PrintAsync(AdoptionReport report, TextWriter output)
    {
        await output.WriteLineAsync($"Database {Printable(report.DatabaseName)}: "
            + (report.IsPossible ? "it can be adopted." : "it can't be adopted yet."));
        (string Title, IEnumerable<string> Lines)[] parts =
        [
            ("Problems", report.Obstacles.Select(o => $"{o.Render()} {o.RenderAdvice()}".Trim())),
            ("Its owner has to run first, in this database", report.OwnerStatements),
            ("Owner, encoding, order of text, size", report.Database is { } d
                ? [d.Owner, d.Encoding, d.Locale, d.SizeBytes is { } size ? $"{size} bytes" : "not known"] : []),
            ("Connected now", report.Database?.Connected
                .Select(c => $"{c.Role} ({c.Program}): {c.Sessions}") ?? []),
            ("Extensions", report.Inside?.Extensions ?? []),
            ("Tables that are added", report.MissingTables),
            ("Columns that are added", report.MissingColumns.Select(c => $"{c.Table}.{c.Column} {c.Type}")),
            ("Columns that differ and stay as they are", report.Different.Select(
                c => $"{c.Table}.{c.Column} {c.What}: {c.Found ?? "-"} instead of {c.Wanted ?? "-"}")),
            ("Tables of others, which are not touched", report.ForeignTables),
            ("Code of others", report.ForeignCode.Select(c => $"{c.Kind} {c.Name}")),
            ("What it does not get", report.LeftOut),
            ("Triggers that only the completion adds", report.Later.Select(t => $"{t.Table}.{t.Name}")),
        ];
        foreach (var (title, lines) in parts.Select(p => (p.Title, p.Lines.ToList())).Where(p => p.Item2.Count > 0))
        {
            await output.WriteLineAsync($"\n{title}:");
            foreach (var line in lines)
            {
                await output.WriteLineAsync("  " + Printable(line));
            }
        }
    }

    // A superuser runs what this prints. The report also has names that the database's owner chose, so the statements
    // are never picked out of it.
    private static async Task PrintStatementsAsync(AdoptionReport report, TextWriter output)
    {
        if (report.OwnerStatements.FirstOrDefault(s => Printable(s) != s) is { } suspect)
        {
            throw new StartupException(
                $"A name in this statement has a control character, so no statement is printed: {Printable(suspect)}");
        }

        foreach (var statement in report.OwnerStatements)
        {
            await output.WriteLineAsync(statement);
        }
    }

    // Names in a database may hold line feeds and what steers a terminal or hides text.
    internal static string Printable(string text) => string.Concat(text.Select(c => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator ? $"\\u{(int)c:x4}" : c.ToString()));

    private static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? null : at + 1 < args.Length && !Options.Contains(args[at + 1]) ? args[at + 1]
            : throw new StartupException($"{name} needs a value.");
    }

    // Prevents an accidental change on a copied master, and does not migrate the master to this version.
    private static async Task DemandReadyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using (var db = await services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(cancellationToken))
        {
            if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            {
                throw new StartupException("The master database is not of this version yet.\n"
                    + "Start the portal once: it brings the master up to date.");
            }
        }

        await services.GetRequiredService<MasterIdentification>().IdentifyAsync(cancellationToken);
        await services.GetRequiredService<WrappedKeys>().DemandOpenAsync(cancellationToken);
    }
}
