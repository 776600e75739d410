namespace Vigia.Core.Registry.Master;

/// <summary>
/// The master's Npgsql connection string with the password. NpgsqlDataSource gives it out only without the password.
/// </summary>
public sealed record MasterConnectionString(string Value)
{
    public override string ToString() => "***";
}
