using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Makes the master refuse the record of chosen steps, so that an operation really fails there. It fails either when
/// the step begins (none of its work is done) or when it ends (its work is done, but not recorded).
/// </summary>
public sealed class StepFaults
{
    private readonly CoreHost _host;

    private StepFaults(CoreHost host) => _host = host;

    public static async Task<StepFaults> InstallAsync(CoreHost host)
    {
        var faults = new StepFaults(host);
        await faults.ExecuteAsync(
            """
            CREATE TABLE public.test_step_faults (tenant_id integer, kind text, step text, state text);
            CREATE FUNCTION public.test_step_fault() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM public.test_step_faults f
                           JOIN portal.operations o ON o.tenant_id = f.tenant_id AND o.kind = f.kind
                           WHERE o.id = NEW.operation_id AND f.step = NEW.name AND f.state = NEW.state) THEN
                    RAISE EXCEPTION 'the record of step % is refused', NEW.name;
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER test_step_fault BEFORE UPDATE ON portal.operation_steps
                FOR EACH ROW EXECUTE FUNCTION public.test_step_fault();
            """);
        return faults;
    }

    /// <summary>Makes operations of this kind fail for this tenant at this step, from now on.</summary>
    /// <param name="kind">The operation's kind.</param>
    /// <param name="step">The step's name.</param>
    /// <param name="at">
    /// <see cref="StepState.Running"/>: before it acts. <see cref="StepState.Done"/>: after it has acted.
    /// </param>
    public Task FailAsync(int tenantId, OperationKind kind, string step, StepState at) =>
        ExecuteAsync($"INSERT INTO public.test_step_faults VALUES ({tenantId}, '{kind}', '{step}', "
            + $"'{(at == StepState.Done ? "done" : "running")}')");

    /// <summary>Removes all faults.</summary>
    public Task ClearAsync() => ExecuteAsync("DELETE FROM public.test_step_faults");

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(_host.Master, sql, TestContext.Current.CancellationToken);
}
